import { createSha256, type Digest } from '@trackway/protocol'
import { readContent, type ContentSource } from '../content/content-source.ts'
import { takeStream } from './take-stream.ts'
import type { Crew, OwnedBytes } from '../tasks/tasks.ts'

/** Content that is read once, in order, while it is hashed. */
export interface LargeReader {
  /** Bytes, when it was opened. */
  readonly size: number
  /** Identifies the state of a file, if there is a way to. */
  readonly identity: string | undefined
  /** The next bytes. `memory` of the same length, which is not needed any more, is reused. */
  next(length: number, memory?: OwnedBytes): Promise<OwnedBytes>
  /** The digest of the whole content. Throws `file_changed` if the content has changed. */
  finish(): Promise<Digest>
  /** Closes what is open; harmless after `finish`. */
  close(): Promise<void>
}

let opened = 0

/** A file is read and hashed by another thread; other content is read here. */
export function openLarge(source: ContentSource, crew: Crew): Promise<LargeReader> {
  return source.localPath === undefined ? openHere(source) : openInLane(source, source.localPath, crew)
}

async function openInLane(source: ContentSource, localPath: string, crew: Crew): Promise<LargeReader> {
  const lane = crew.lane()
  const id = (opened += 1)
  const { size, identity, hasMore } = await lane.run('openFile', { id, localPath })
  if (hasMore) {
    await lane.run('abandonFile', { id })
    return openStream(source)
  }
  return {
    size,
    identity,
    next: (length, memory) =>
      lane.run('readPiece', { id, length, memory }, memory === undefined ? [] : [memory]),
    finish: async () => (await lane.run('finishFile', { id })).digest,
    close: async () => lane.run('abandonFile', { id }),
  }
}

/** A file that reports a smaller size than it has, like those of /proc, is read as a stream. */
async function openStream(source: ContentSource): Promise<LargeReader> {
  const { source: taken } = await takeStream(readContent(source), source.label)
  const reader = await openHere(taken)
  return {
    ...reader,
    async close() {
      await reader.close()
      await taken.release?.()
    },
  }
}

async function openHere(source: ContentSource): Promise<LargeReader> {
  const content = await source.open()
  const hash = createSha256()
  let position = 0
  let before: Promise<unknown> = Promise.resolve()

  async function read(start: number, length: number): Promise<OwnedBytes> {
    const bytes = new Uint8Array(length)
    let filled = 0
    for await (const piece of content.read(start, start + length)) {
      bytes.set(piece, filled)
      filled += piece.length
    }
    hash.update(bytes)
    return bytes
  }

  return {
    size: content.size,
    identity: undefined,
    next(length) {
      const start = position
      position += length
      // The next bytes are requested before these have arrived, and are hashed after them.
      const piece = before.then(() => read(start, length))
      before = piece
      piece.catch(() => {}) // The caller gets the error.
      return piece
    },
    async finish() {
      await content.checkUnchanged()
      return hash.digest()
    },
    close: () => content.close(),
  }
}
