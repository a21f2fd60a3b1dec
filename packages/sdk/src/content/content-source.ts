/** Where an entry's bytes come from, before they are stored: a file, bytes at hand, a Blob, a version elsewhere. */
export interface ContentSource {
  /** Names the content in messages: a path, or what was handed over. */
  readonly label: string
  /** Where the content lies, if it is a file of this machine, which then another thread may read. */
  readonly localPath?: string
  /** Begins to read. Throws `file_not_found` where it is gone by now, `file_unsupported` where it became no file. */
  open(): Promise<OpenContent>
  /** Gives back what the content holds besides memory: a temporary file. */
  release?(): Promise<void>
}

/** Content while it is read. */
export interface OpenContent {
  /** Bytes, as of the opening. */
  readonly size: number
  /**
   * The bytes from `start` to before `end`, in pieces that are the reader's to keep; `Infinity` means all that there
   * are, which may be more or fewer than the size that a file of /proc or /sys states. Throws `file_changed`.
   */
  read(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined>
  /** Throws `file_changed` where the content is not what it was at the opening. */
  checkUnchanged(): Promise<void>
  close(): Promise<void>
}

/** Opens content, hands it over, and closes it however that ends. */
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
