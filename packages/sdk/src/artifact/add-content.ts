import { brandOf, isBytes, parsePath, TrackwayError } from '@trackway/protocol'
import { blobSource } from '../content/blob-source.ts'
import { bytesSource, refuseTransferred } from '../content/bytes-source.ts'
import { takeStream, type ByteStream } from '../upload/take-stream.ts'
import type { FolderFilter } from '../disk/folder/walk-folder.ts'
import { loadDisk } from '../parts/load.ts'
import { checkCall } from '../calls/calls.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { addEntries } from './add-entries.ts'
import type { Draft } from './draft.ts'
import type { LocalEntry } from '../content/local-entry.ts'
import { refuseContent } from './refuse-content.ts'

/** What can be added: a path or `file:` URL of a file or folder, bytes, a Blob, or a stream of bytes. */
export type AddableContent = string | URL | Uint8Array | ArrayBuffer | Blob | ByteStream

/** How something is added. */
export interface AddOptions extends FolderFilter {
  /**
   * The path of the entry; for a folder, the folder that its entries are placed in. Default: the file's own
   * name; a folder's entries are relative to it. Bytes, Blobs and streams need it. A File has a name; a File
   * of a folder that was chosen in a browser has its path in that folder (`webkitRelativePath`).
   */
  name?: string | undefined
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

interface Added {
  entries: LocalEntry[]
  emptyFolders?: readonly string[]
}

/**
 * Adds something to a draft. A folder is listed now; contents are read during the upload.
 *
 * @internal
 */
export async function addContent(draft: Draft, content: AddableContent, options: AddOptions): Promise<void> {
  checkCall('add', options)
  throwIfAborted(options.signal)
  const { entries, emptyFolders = [] } = await entriesOf(content, options)
  try {
    addEntries(draft, entries)
  } catch (error) {
    for (const { source } of entries) await source.release?.()
    throw error
  }
  draft.emptyFolders = new Set([...(draft.emptyFolders ?? []), ...emptyFolders])
}

async function entriesOf(content: AddableContent, options: AddOptions): Promise<Added> {
  const name = options.name === undefined ? undefined : parsePath(options.name.normalize('NFC'))
  if (typeof content === 'string' || isUrl(content)) {
    const { addPath } = await loadDisk()
    return addPath(content, { ...options, name })
  }
  return { entries: [await entryOf(content, name, options.signal)] }
}

async function entryOf(
  content: Exclude<AddableContent, string | URL>,
  name: string | undefined,
  signal?: AbortSignal,
): Promise<LocalEntry> {
  if (isBlob(content)) {
    const path = name ?? (isFile(content) ? pathOf(content) : needName('a Blob'))
    return entry(path, content.size, { source: blobSource(content, `a Blob for ${path}`), origin: content })
  }
  const bytes = isArrayBuffer(content) ? bytesIn(content) : content
  if (isBytes(bytes)) {
    const path = name ?? needName('bytes')
    return entry(path, bytes.length, { source: bytesSource(bytes, `bytes for ${path}`), origin: content })
  }
  if (!isStream(bytes)) return refuseContent(bytes)
  const path = name ?? needName('a stream')
  const { source, size } = await takeStream(bytes, `the stream for ${path}`, signal)
  return entry(path, size, { source, origin: source })
}

// Checked by capability: test environments bring their own classes, with other names or none.
function isUrl(content: unknown): content is URL {
  return brandOf(content) === 'URL'
}

function isBlob(content: unknown): content is Blob | File {
  return typeof content === 'object' && content !== null && 'arrayBuffer' in content && 'slice' in content
}

function isArrayBuffer(content: unknown): content is ArrayBuffer {
  return brandOf(content) === 'ArrayBuffer'
}

function bytesIn(memory: ArrayBuffer): Uint8Array {
  refuseTransferred(memory, 'bytes')
  return new Uint8Array(memory)
}

/** In Bun a Blob also has a name, which is undefined. */
function isFile(blob: Blob): blob is File {
  return 'name' in blob && typeof blob.name === 'string'
}

/**
 * A File of a folder that was chosen in a browser knows its path in it; a dropped File knows only its name.
 */
function pathOf({ webkitRelativePath, name }: File): string {
  return parsePath((webkitRelativePath || name).normalize('NFC'))
}

function entry(path: string, size: number, from: Pick<LocalEntry, 'source' | 'origin'>): LocalEntry {
  return { kind: 'local', path, size, executable: false, ...from }
}

function isStream(content: unknown): content is ByteStream {
  return (
    typeof content === 'object' &&
    content !== null &&
    ((Symbol.asyncIterator in content && typeof content[Symbol.asyncIterator] === 'function') ||
      ('getReader' in content && typeof content.getReader === 'function'))
  )
}

function needName(what: string): never {
  throw new TrackwayError('option_invalid', `Adding ${what}: the entry needs a path`, {
    hint: { kind: 'option', options: ['name'] },
  })
}
