import { createLongLine, sha256, type Digest } from '@trackway/protocol'
import type { ByteRange } from '../stores/object-store.ts'
import { asParts, damagedManifest, isEntry, readUnchanged, type ReadRange } from './manifest-lines.ts'
import { bytesOf, type EntryWithoutParts, type SomeParts } from './stored-entry.ts'

/** An entry whose line is over 64 KiB, and the position of every few thousand of its parts. */
export interface LongEntry {
  entry: EntryWithoutParts
  pieces: readonly PartsPiece[]
}

/** Parts in a stored manifest, with commas between them. */
interface PartsPiece extends ByteRange {
  /** Of these bytes, so that they can be checked without the others. */
  digest: Digest
  /** Bytes of the entry before them. */
  position: number
}

const decoder = new TextDecoder()

/** Reads a line as it arrives, which begins at this byte of its manifest, and keeps none of its parts. */
export function indexLongEntry(lineStart: number) {
  const pieces: PartsPiece[] = []
  let position = 0
  const line = createLongLine(decoder, (items, { start, bytes }) => {
    if (items.length === 0) return
    const from = lineStart + start
    pieces.push({ start: from, end: from + bytes.length, digest: sha256(bytes), position })
    position += bytesOf(asParts(items))
  })
  return {
    write: line.write,
    end(): LongEntry {
      const entry = line.end()
      if (isEntry(entry)) return { entry, pieces }
      throw damagedManifest('a long line is not an entry')
    },
  }
}

/** The parts that a range of the entry needs. */
export async function* readPieces(
  pieces: readonly PartsPiece[],
  range: ByteRange,
  read: ReadRange,
): AsyncGenerator<SomeParts> {
  for (const [at, piece] of pieces.entries()) {
    if (piece.position >= range.end) return
    if ((pieces[at + 1]?.position ?? Infinity) <= range.start) continue
    const bytes = await readUnchanged(read, piece, piece.digest)
    yield { position: piece.position, parts: asParts(JSON.parse(`[${decoder.decode(bytes)}]`)) }
  }
}
