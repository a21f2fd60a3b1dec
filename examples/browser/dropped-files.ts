/** A file and the path that it shall have. */
export interface NamedFile {
  path: string
  file: File
}

/** The files that were chosen. Those of a folder know their path in it. */
export function chosenFiles(list: FileList | null): NamedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
}

/**
 * The files that were dropped, those in folders with their paths. It has to be called while the event is handled: what
 * was dropped is gone afterwards.
 */
export async function droppedFiles({ items }: DataTransfer): Promise<NamedFile[]> {
  const dropped = [...items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
  return (await Promise.all(dropped.map(filesOf))).flat()
}

async function filesOf(entry: FileSystemEntry | File | null): Promise<NamedFile[]> {
  if (entry === null) return [] // A text, for instance.
  if (entry instanceof File) return [{ path: entry.name, file: entry }]
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ path: entry.fullPath.slice(1), file }]
  }
  return isFolder(entry) ? (await Promise.all((await entriesOf(entry)).map(filesOf))).flat() : []
}

/** Browsers give the entries of a folder in portions, the last of which is empty. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    if (portion.length === 0) return all
    all.push(...portion)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
