/** Which mask ends a chunk: the strict one before the average size, the loose one after it. */
export type Zone = 'strict' | 'loose'

/**
 * The rolling hash, which is the only part that the two implementations do differently. For every byte,
 * `hash = (hash << 1) + gear[byte]` modulo 2^64; a byte at which the hash has no bit of the mask is a find.
 */
export interface Scanner {
  /** Sets the hash to zero, as at the start of a chunk. */
  reset(): void
  /**
   * Reads `bytes` from index `from` up to `to`, both even. Returns the index of the first find, or `to`.
   * After a find, only `reset` may follow.
   */
  scan(bytes: Uint8Array, from: number, to: number, zone: Zone): number
}
