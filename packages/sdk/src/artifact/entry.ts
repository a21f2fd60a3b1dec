import { TrackwayError, type Digest } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import { showEverywhere } from '#platform'
import { gatherBytes } from '../content/byte-pieces.ts'
import { streamOf } from '../content/stream-of.ts'
import { readContent } from '../content/content-source.ts'
import { loadReading } from '../parts/load.ts'
import { throwIfAborted } from '../concurrency/abort.ts'
import { factsOf, type DraftEntry } from '../read/draft-entry.ts'
import type { EntryUrlOptions } from './entry-url.ts'

/** Which bytes of an entry are read. Only those are fetched. */
export interface EntryReadOptions {
  /** The first byte. Default: 0. */
  start?: number | undefined
  /** The exclusive end offset; an offset beyond the end of the file means its end. Default: the size. */
  end?: number | undefined
  /** Cancels the call, which then throws an error with the code `aborted`. */
  signal?: AbortSignal | undefined
}

/**
 * One file of an artifact. Its bytes are fetched when they are requested. An entry that is read as a whole is
 * checked against its digest; a range that covers only a part of a blob, or of a reference, cannot be
 * checked.
 *
 * Reading throws `option_invalid` for an invalid range, an `IntegrityError` for bytes that are not the stored
 * ones, `file_not_found` or `file_changed` for an added file that was removed or modified, and `aborted`; for
 * a reference also `not_found`, `forbidden` and `network_error`, and `file_unsupported` for an address that
 * cannot be fetched.
 */
export class Entry {
  /** Relative, `/`-separated. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** The SHA-256 of the whole file; undefined if it was added but not read yet. */
  readonly digest: Digest | undefined
  /** Whether the file is executable. */
  readonly executable: boolean
  /** The address at which the bytes stay; undefined if the bytes are stored with the version. */
  readonly reference: string | undefined
  readonly #content: DraftEntry

  /** @internal */
  constructor(content: DraftEntry) {
    const { path, size, executable } = factsOf(content)
    this.path = path
    this.size = size
    this.executable = executable
    this.digest = content.kind === 'local' ? undefined : content.located.digest
    this.reference = content.kind === 'local' ? undefined : content.located.reference
    this.#content = content
  }

  static {
    showEverywhere?.('entry', Entry.prototype, (entry) => entry)
  }

  /** The content as UTF-8 text. */
  async text(options?: EntryReadOptions): Promise<string> {
    return new TextDecoder().decode(await this.bytes(options))
  }

  /** The content as JSON. Throws `file_unsupported` if it is not valid JSON. */
  async json(options?: EntryReadOptions): Promise<unknown> {
    const text = await this.text(options)
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new TrackwayError('file_unsupported', `Reading ${this.path}: it is not valid JSON`, { cause })
    }
  }

  /** The content as bytes. */
  bytes(options?: EntryReadOptions): Promise<Uint8Array> {
    return gatherBytes(readEntry(this.#content, options))
  }

  /** The content as a stream that buffers a few mebibytes. */
  stream(options?: EntryReadOptions): ReadableStream<Uint8Array> {
    return streamOf((over) => readEntry(this.#content, options, over))
  }

  /**
   * A URL at which other programs, such as DuckDB, pandas or a browser, read the file, whole or in ranges,
   * without an API key. Anyone who has the URL can read this file of this version until it expires, or until
   * the API key that it was made with is revoked: treat it as a secret. For bytes that stay elsewhere on the
   * web, it is their address there. URLs that are requested together (`Promise.all`) take one request per
   * thousand.
   *
   * Throws `url_unavailable` if there is no server to request the file from, and for an entry that is not
   * uploaded yet; `option_invalid`; `not_found` or `version_deleted`; `forbidden`; `aborted`.
   */
  async url(options: EntryUrlOptions = {}): Promise<string> {
    const { entryUrl } = await loadReading()
    return entryUrl(this.#content, options)
  }
}

/**
 * The bytes of an entry, stored or not, until the reader stops (`over`).
 *
 * @internal
 */
export async function* readEntry(
  content: DraftEntry,
  options: EntryReadOptions = {},
  over?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { checkCall } = await loadReading()
  checkCall('reading an entry', options)
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
  /** Whether the whole current content is wanted. */
  isWhole: boolean
  signal: AbortSignal | undefined
}

async function openEntry(content: DraftEntry, { start, end, isWhole, signal }: OpenRange) {
  switch (content.kind) {
    case 'stored':
      return (await loadReading()).readStored(content.scope, content.located, { start, end, signal })
    case 'reference':
      return (await loadReading()).readReference(content.elsewhere, content.located, {
        start,
        end,
        signal,
      })
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
      `Reading ${path}: { start: ${start}, end: ${end} } is not a valid range: the start is after the end`,
    )
  }
  return { start: Math.min(start, size), end: Math.min(end, size) }
}
