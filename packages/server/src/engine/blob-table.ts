import type { BlobKeeper, Digest, ManifestBlob } from '@trackway/protocol'

/** The blobs of a manifest. */
export interface BlobList extends Iterable<ManifestBlob> {
  readonly length: number
  /** The size of a listed blob; undefined if it is not listed. */
  sizeOf(digest: Digest): number | undefined
}

/** Stores the digests and sizes of blobs, of which there may be millions. */
export type BlobTable = BlobKeeper & BlobList

/** Bytes per blob; as an object with a string it takes about 250. */
export const blobBytes = 60

const digestBytes = 32
const chunkBlobs = 4_096
const shares = 256
const leastSlots = 16
const hexDigits = new TextEncoder().encode('0123456789abcdef')
const decoder = new TextDecoder()

interface Chunk {
  digests: Uint8Array
  sizes: Float64Array
}

/**
 * Digests and sizes in typed arrays of fixed length, with a hash table over them in 256 shares, so that
 * enlarging one is quick. The hash is seeded at random, since clients could otherwise choose digests that
 * collide.
 */
export function createBlobTable(): BlobTable {
  const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0
  const chunks: Chunk[] = []
  const slots = Array.from({ length: shares }, () => new Int32Array(leastSlots))
  const counts = new Int32Array(shares)
  const wanted = new Uint8Array(digestBytes)
  let length = 0

  function hashOf(bytes: Uint8Array, start: number): number {
    let hash = seed
    for (let at = start; at < start + digestBytes; at += 1)
      hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
    hash ^= hash >>> 15
    hash = Math.imul(hash, 0x2c1b3c6d)
    return (hash ^ (hash >>> 13)) >>> 0
  }

  function isWanted(index: number): boolean {
    const { digests } = chunkOf(index)
    const start = (index % chunkBlobs) * digestBytes
    for (let at = 0; at < digestBytes; at += 1) if (digests[start + at] !== wanted[at]) return false
    return true
  }

  function chunkOf(index: number): Chunk {
    const chunk = chunks[Math.floor(index / chunkBlobs)]
    if (chunk === undefined) throw new RangeError(`There is no blob ${index}`)
    return chunk
  }

  /** The slot of a digest: that of the blob with it, or the free one where it belongs. */
  function slotOf(table: Int32Array, hash: number): number {
    let slot = hash % table.length
    for (let held = table[slot] ?? 0; held !== 0 && !isWanted(held - 1); held = table[slot] ?? 0)
      slot = (slot + 1) % table.length
    return slot
  }

  function tableOf(hash: number): Int32Array {
    return slots[hash % shares] ?? new Int32Array(leastSlots)
  }

  /** Doubles the slots of a share. */
  function grow(share: number, table: Int32Array): void {
    const larger = new Int32Array(table.length * 2)
    for (const held of table) {
      if (held === 0) continue
      const hash = hashOf(chunkOf(held - 1).digests, ((held - 1) % chunkBlobs) * digestBytes)
      let slot = Math.floor(hash / shares) % larger.length
      while (larger[slot] !== 0) slot = (slot + 1) % larger.length
      larger[slot] = held
    }
    slots[share] = larger
  }

  function want(digest: Digest): { share: number; table: Int32Array; slot: number } {
    for (let at = 0; at < digestBytes; at += 1)
      wanted[at] = Number.parseInt(digest.slice(7 + 2 * at, 9 + 2 * at), 16)
    const hash = hashOf(wanted, 0)
    const table = tableOf(hash)
    return { share: hash % shares, table, slot: slotOf(table, Math.floor(hash / shares)) }
  }

  return {
    get length() {
      return length
    },
    add({ digest, size }) {
      const { share, table, slot } = want(digest)
      if (table[slot] !== 0) return false
      const position = length % chunkBlobs
      if (position === 0)
        chunks.push({
          digests: new Uint8Array(chunkBlobs * digestBytes),
          sizes: new Float64Array(chunkBlobs),
        })
      const { digests, sizes } = chunkOf(length)
      digests.set(wanted, position * digestBytes)
      sizes[position] = size
      length += 1
      table[slot] = length
      counts[share] = (counts[share] ?? 0) + 1
      if (2 * (counts[share] ?? 0) > table.length) grow(share, table)
      return true
    },
    sizeAt: (index) => (index < length ? chunkOf(index).sizes[index % chunkBlobs] : undefined),
    sizeOf(digest) {
      const { table, slot } = want(digest)
      const held = table[slot] ?? 0
      return held === 0 ? undefined : chunkOf(held - 1).sizes[(held - 1) % chunkBlobs]
    },
    *[Symbol.iterator]() {
      const hex = new Uint8Array(2 * digestBytes)
      for (let index = 0; index < length; index += 1) {
        const { digests, sizes } = chunkOf(index)
        const position = index % chunkBlobs
        for (let at = 0; at < digestBytes; at += 1) {
          const byte = digests[position * digestBytes + at] ?? 0
          hex[2 * at] = hexDigits[byte >>> 4] ?? 0
          hex[2 * at + 1] = hexDigits[byte & 15] ?? 0
        }
        yield { digest: `sha256:${decoder.decode(hex)}`, size: sizes[position] ?? 0 }
      }
    },
  }
}
