import { createSha256 } from '@trackway/protocol'
import type { LocatedEntry } from '../version/located-entry.ts'
import { gatherBytes } from '../content/byte-pieces.ts'
import { IntegrityError } from '../errors.ts'
import type { Elsewhere } from '../client/elsewhere.ts'
import { readAddress } from './read-address.ts'

/** An entry whose bytes stay elsewhere. */
export type ReferenceEntry = LocatedEntry & { reference: string }

export function isReference(entry: LocatedEntry): entry is ReferenceEntry {
  return entry.reference !== undefined
}

/** How much of an entry that is read as a whole is buffered. */
export const verifiedInMemory = 4 * 1024 * 1024

interface Range {
  /** The first byte. */
  start: number
  /** The exclusive end offset. */
  end: number
  signal?: AbortSignal | undefined
}

/**
 * The bytes of an entry that stay elsewhere, or a range of them. The last bytes of a whole entry are not
 * passed on before all of it was checked, and neither is anything of an entry of up to 4 MiB. A range cannot
 * be checked.
 */
export async function* readReference(
  elsewhere: Elsewhere,
  entry: ReferenceEntry,
  range: Range,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = fetchReference(elsewhere, entry, range)
  if (range.start > 0 || range.end < entry.size) yield* pieces
  else if (entry.size <= verifiedInMemory) yield await gatherBytes(checkPassing(entry, pieces))
  else yield* checkPassing(entry, pieces)
}

/**
 * The bytes as they arrive: exactly as many as the entry or the range has, and not compared with the digest.
 */
export function fetchReference(
  elsewhere: Elsewhere,
  { path, size, reference }: ReferenceEntry,
  { start, end, signal }: Range,
): AsyncGenerator<Uint8Array, void, undefined> {
  const attempted = `Reading ${path} at ${reference}`
  const changed = (actual: string) =>
    new IntegrityError(attempted, { path, expected: `${size} bytes`, actual, reference })
  return readAddress(elsewhere, { attempted, address: reference, start, end, size, changed, signal })
}

/** Throws `IntegrityError` unless this is the entry's digest. */
export function checkReference(
  { path, digest, reference }: ReferenceEntry,
  actual: string | undefined,
): void {
  if (actual === digest) return
  throw new IntegrityError(`Reading ${path} at ${reference}`, {
    path,
    expected: digest,
    actual: actual ?? 'none',
    reference,
  })
}

async function* checkPassing(entry: ReferenceEntry, pieces: AsyncIterable<Uint8Array>) {
  const hash = createSha256()
  let held: Uint8Array | undefined
  for await (const piece of pieces) {
    hash.update(piece)
    if (held !== undefined) yield held
    held = piece
  }
  checkReference(entry, hash.digest())
  if (held !== undefined) yield held
}
