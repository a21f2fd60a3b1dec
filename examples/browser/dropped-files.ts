/** A file, and its path in the version. */
export interface NamedFile {
  path: string
  file: File
}

/** The chosen files. Files of a folder know their path in it. */
export function chosenFiles(list: FileList | null): NamedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
}

/** The dropped files, those in folders with their paths. Call this while the event is handled. */
export async function droppedFiles({ items }: DataTransfer): Promise<NamedFile[]> {
  const dropped = [...items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
  return (await Promise.all(dropped.map(filesOf))).flat()
}

async function filesOf(entry: FileSystemEntry | File | null): Promise<NamedFile[]> {
  if (entry === null) return [] // For example, text.
  if (entry instanceof File) return [{ path: entry.name, file: entry }]
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ path: entry.fullPath.slice(1), file }]
  }
  return isFolder(entry) ? (await Promise.all((await entriesOf(entry)).map(filesOf))).flat() : []
}

/** Browsers return the entries of a folder in batches, and an empty batch at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    if (batch.length === 0) return all
    all.push(...batch)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
