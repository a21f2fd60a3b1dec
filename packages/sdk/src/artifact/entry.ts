import { TrackwayError, type Digest } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import { showEverywhere } from '#platform'
import { gatherBytes } from '../content/byte-pieces.ts'
import { streamOf } from '../content/stream-of.ts'
import { readContent } from '../content/content-source.ts'
import { loadPart } from '../load-part.ts'
import { checkLate } from '../calls/check-late.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { factsOf, type DraftEntry } from './draft.ts'
import type { EntryUrlOptions } from './entry-url.ts'

/** Which bytes of an entry are read. What is read is what is fetched. */
export interface EntryReadOptions {
  /** The first byte. Default: 0. */
  start?: number | undefined
  /** The byte behind the last one; what lies beyond the end is left out. Default: the size. */
  end?: number | undefined
  /** Ends the reading, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/**
 * One file of an artifact. Its bytes are fetched when they are asked for. An entry that is read as a whole is checked
 * against its digest; a range cannot be checked where it covers a part of a blob only, or of a reference.
 *
 * Reading throws `option_invalid` for a range that makes no sense, an `IntegrityError` for bytes that are not the
 * stored ones, `file_not_found` or `file_changed` for an added file that is gone or written to, and `aborted`; of a
 * reference also `not_found`, `forbidden` and `network_error`, and `file_unsupported` for an address that is not
 * fetched.
 */
export class Entry {
  /** Relative, `/`-separated. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** The SHA-256 of the whole file; undefined while it is added only and was not read yet. */
  readonly digest: Digest | undefined
  /** Whether the file may be run. */
  readonly executable: boolean
  /** The address under which the bytes stay; undefined where the bytes are stored with the version. */
  readonly reference: string | undefined
  readonly #content: DraftEntry

  /** Entries come from an artifact. */
  constructor(content: DraftEntry) {
    const { path, size, executable } = factsOf(content)
    this.path = path
    this.size = size
    this.executable = executable
    this.digest = content.kind === 'local' ? undefined : content.placed.digest
    this.reference = content.kind === 'local' ? undefined : content.placed.reference
    this.#content = content
  }

  static {
    showEverywhere('entry', Entry.prototype, (entry) => entry)
  }

  /** The content as text in UTF-8. */
  async text(options?: EntryReadOptions): Promise<string> {
    return new TextDecoder().decode(await this.bytes(options))
  }

  /** The content as JSON. Throws `file_unsupported` where it is not JSON. */
  async json(options?: EntryReadOptions): Promise<unknown> {
    const text = await this.text(options)
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new TrackwayError('file_unsupported', `Reading ${this.path}: it is not JSON`, { cause })
    }
  }

  /** The content as bytes. */
  bytes(options?: EntryReadOptions): Promise<Uint8Array> {
    return gatherBytes(readEntry(this.#content, options))
  }

  /** The content as a stream, a few mebibytes of which are held at a time. */
  stream(options?: EntryReadOptions): ReadableStream<Uint8Array> {
    return streamOf((over) => readEntry(this.#content, options, over))
  }

  /**
   * An address under which other programs read the file, whole or in ranges, without an API key: DuckDB, pandas, a
   * browser. Whoever has it may read this file of this version until it expires, or until the API key that it was made
   * with is revoked: treat it as a secret. Where the bytes stay elsewhere on the web, it is their address there.
   * Addresses that are asked for together (`Promise.all`) take one request for each thousand.
   *
   * Throws `url_unavailable` where there is no server that they could ask, and for what is not uploaded yet;
   * `option_invalid`; `not_found` or `version_deleted`; `forbidden`; `aborted`.
   */
  async url(options: EntryUrlOptions = {}): Promise<string> {
    const { entryUrl } = await loadAddresses()
    return entryUrl(this.#content, options)
  }
}

/** What reads stored bytes. */
export function loadReading() {
  return loadPart(() => import('../read/read-slices.ts'))
}

function loadReferences() {
  return loadPart(() => import('../read/read-reference.ts'))
}

let addresses: ReturnType<typeof beginAddresses> | undefined

/** What makes signed URLs. All that wait for it go on together, so that what they ask for travels together. */
function loadAddresses() {
  return (addresses ??= beginAddresses())
}

async function beginAddresses() {
  try {
    return await loadPart(() => import('./entry-url.ts'))
  } catch (error) {
    addresses = undefined
    throw error
  }
}

/** The bytes of an entry, stored or not, until the reader stops (`over`). */
export async function* readEntry(
  content: DraftEntry,
  options: EntryReadOptions = {},
  over?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  await checkLate('reading an entry', options)
  const { path, size } = factsOf(content)
  const signal = anySignal(options.signal, over)
  const range = checkRange(path, size, options)
  throwIfAborted(signal)
  const isWhole = options.start === undefined && options.end === undefined
  for await (const piece of await openEntry(content, { ...range, isWhole, signal })) {
    throwIfAborted(signal)
    if (piece.length > 0) yield piece
  }
}

interface OpenRange {
  start: number
  end: number
  /** Whether all is wanted that there is by now. */
  isWhole: boolean
  signal: AbortSignal | undefined
}

async function openEntry(content: DraftEntry, { start, end, isWhole, signal }: OpenRange) {
  switch (content.kind) {
    case 'stored':
      return (await loadReading()).readStored(content.place, content.placed, { start, end, signal })
    case 'reference':
      return (await loadReferences()).readReference(content.elsewhere, content.placed, { start, end, signal })
    case 'local':
      return readContent(content.source, isWhole ? {} : { start, end })
  }
}

function checkRange(
  path: string,
  size: number,
  { start = 0, end = Math.max(start, size) }: EntryReadOptions,
) {
  if (end < start) {
    throw new TrackwayError(
      'option_invalid',
      `Reading ${path}: { start: ${start}, end: ${end} } is not a range: the start is after the end`,
    )
  }
  return { start: Math.min(start, size), end: Math.min(end, size) }
}
