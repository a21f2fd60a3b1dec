import { createSha256, type Digest } from '@trackway/protocol'
import { readContent, type ContentSource } from '../content/content-source.ts'
import { takeStream } from '../folder/take-stream.ts'
import type { Crew, OwnedBytes } from '../platform/tasks.ts'

/** Content that is read once, in order, while it is hashed. */
export interface LargeReader {
  /** Bytes, as of the opening. */
  readonly size: number
  /** Tells the state of a file, if it is one whose state can be told. */
  readonly identity: string | undefined
  /** The next bytes. `memory` of the same length, which is not needed any more, is used again. */
  next(length: number, memory?: OwnedBytes): Promise<OwnedBytes>
  /** The digest of the whole. Throws `file_changed` where the content is not what it was. */
  finish(): Promise<Digest>
  /** Closes what is open; does no harm behind `finish`. */
  close(): Promise<void>
}

let opened = 0

/** Another thread reads and hashes a file; what else there is, is read here. */
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

/** A file that states fewer bytes than it has, as those of /proc do, is taken as a stream is. */
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
      // The next bytes are asked for before these are there, and are hashed behind them.
      const piece = before.then(() => read(start, length))
      before = piece
      piece.catch(() => {}) // Whoever asked is told.
      return piece
    },
    async finish() {
      await content.checkUnchanged()
      return hash.digest()
    },
    close: () => content.close(),
  }
}
