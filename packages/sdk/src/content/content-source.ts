/**
 * The source of an entry's bytes before they are stored: a file, bytes in memory, a Blob, a version
 * elsewhere.
 */
export interface ContentSource {
  /** Names the content in messages: a path, or a description of what was passed. */
  readonly label: string
  /** The path of the content, if it is a local file, which another thread may then read. */
  readonly localPath?: string
  /**
   * Begins to read. Throws `file_not_found` if it is gone by now, `file_unsupported` if it is not a file any
   * more.
   */
  open(): Promise<OpenContent>
  /** Releases what the content holds besides memory: a temporary file. */
  release?(): Promise<void>
}

/** Content while it is read. */
export interface OpenContent {
  /** Bytes, when it was opened. */
  readonly size: number
  /**
   * The bytes from `start` to before `end`, in pieces that the reader may keep; `Infinity` means up to the
   * end, which may be before or after the size that a file of /proc or /sys reports. Throws `file_changed`.
   */
  read(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined>
  /** Throws `file_changed` if the content has changed since it was opened. */
  checkUnchanged(): Promise<void>
  close(): Promise<void>
}

/** Keeps the content of a stream that is too large for memory. */
export interface Spool {
  write(bytes: Uint8Array): Promise<void>
  /** What was written, readable as often as needed; releasing it removes what was kept. */
  finish(): Promise<ContentSource>
  discard(): Promise<void>
}

/** Opens content, passes it on, and closes it whatever the outcome. */
export async function withContent<Result>(
  source: ContentSource,
  use: (content: OpenContent) => Promise<Result>,
): Promise<Result> {
  const content = await source.open()
  try {
    return await use(content)
  } finally {
    await content.close()
  }
}

/** Reads a range of content and makes sure at its end that nothing changed meanwhile. */
export async function* readContent(
  source: ContentSource,
  range: { start?: number; end?: number } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const content = await source.open()
  try {
    yield* content.read(range.start ?? 0, range.end ?? Infinity)
    await content.checkUnchanged()
  } finally {
    await content.close()
  }
}
