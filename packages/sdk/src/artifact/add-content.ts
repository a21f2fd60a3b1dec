import { parsePath, TrackwayError } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { blobSource } from '../content/blob-source.ts'
import { bytesSource } from '../content/bytes-source.ts'
import { takeStream, type ByteStream } from '../content/take-stream.ts'
import type { WalkedFile } from '../content/walk-folder.ts'
import { loadPart } from '../load-part.ts'
import type { LocalEntry } from './draft.ts'

/** What can be added: a path or `file:` URL of a file or folder, bytes, a Blob or File, or a stream of bytes. */
export type AddableContent = string | URL | Uint8Array | ArrayBuffer | Blob | ByteStream

/** How something is added. */
export interface AddOptions {
  /**
   * The entry's path; for a folder, the folder that its entries come into. Default: a file's own name; a folder's
   * entries are relative to it. Bytes, Blobs and streams need it; a File has a name, and one of a folder that was chosen
   * in a browser its path in there (`webkitRelativePath`).
   */
  name?: string | undefined
  /** Patterns of gitignore for a folder; they have the last word over its `.trackwayignore` files. */
  ignore?: readonly string[] | undefined
  /** Ends the adding, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/** The entries that something becomes. A folder is walked now; contents are read when they are uploaded. */
export async function entriesOf(content: AddableContent, options: AddOptions): Promise<LocalEntry[]> {
  const name = options.name === undefined ? undefined : parsePath(options.name)
  if (typeof content === 'string' || content instanceof URL) return entriesAt(content, { ...options, name })
  if (content instanceof Blob) {
    const path = name ?? (content instanceof File ? pathOf(content) : needName('a Blob'))
    return [entry(path, content.size, { source: blobSource(content, `a Blob for ${path}`), origin: content })]
  }
  const bytes = content instanceof ArrayBuffer ? new Uint8Array(content) : content
  if (bytes instanceof Uint8Array) {
    const path = name ?? needName('bytes')
    return [entry(path, bytes.length, { source: bytesSource(bytes, `bytes for ${path}`), origin: content })]
  }
  if (!isStream(bytes)) throw notAddable(bytes)
  const path = name ?? needName('a stream')
  const { source, size } = await takeStream(bytes, `the stream for ${path}`)
  return [entry(path, size, { source, origin: source })]
}

/** A File of a folder that was chosen in a browser knows its path there; one that was dropped, only its name. */
function pathOf({ webkitRelativePath, name }: File): string {
  return parsePath((webkitRelativePath || name).normalize('NFC'))
}

function entry(path: string, size: number, from: Pick<LocalEntry, 'source' | 'origin'>): LocalEntry {
  return { kind: 'local', path, size, executable: false, ...from }
}

async function entriesAt(content: string | URL, { name, ignore, signal }: AddOptions): Promise<LocalEntry[]> {
  const localPath = fileSystem.absolute(content)
  const facts = await fileSystem.look(localPath)
  if (facts === undefined) {
    throw new TrackwayError('file_not_found', `Adding ${localPath}: there is no such file or folder`, {
      details: { path: localPath },
    })
  }
  if (facts.kind === 'other') {
    throw new TrackwayError(
      'file_unsupported',
      `Adding ${localPath}: it is neither a regular file nor a folder`,
      { details: { path: localPath } },
    )
  }
  if (facts.kind === 'file') {
    const path = name ?? parsePath(fileSystem.baseName(localPath).normalize('NFC'))
    return [fileEntry({ path, localPath, folder: localPath, ...facts })]
  }
  const { walkFolder } = await loadPart(() => import('../content/walk-folder.ts'))
  const files = await walkFolder(localPath, { ignore, signal })
  return files.map((file) => {
    const path = name === undefined ? file.path : parsePath(`${name}/${file.path}`)
    return fileEntry({ ...file, path, folder: localPath })
  })
}

function fileEntry(file: WalkedFile & { folder: string }): LocalEntry {
  const { path, localPath, folder, size, executable, identity } = file
  const source = fileSystem.source(localPath)
  return { kind: 'local', path, size, executable, identity, folder, source, origin: localPath }
}

function isStream(content: unknown): content is ByteStream {
  return (
    typeof content === 'object' &&
    content !== null &&
    (Symbol.asyncIterator in content || 'getReader' in content)
  )
}

function needName(what: string): never {
  throw new TrackwayError(
    'option_invalid',
    `Adding ${what} needs { name }, the path that the entry shall have`,
  )
}

function notAddable(content: unknown): TrackwayError {
  return new TrackwayError(
    'option_invalid',
    `A value of the type ${typeof content} cannot be added; give a path, a file: URL, bytes, a Blob or a stream of bytes`,
  )
}
