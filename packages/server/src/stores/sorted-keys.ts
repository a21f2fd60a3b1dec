import { countFirst } from './count-first.ts'

/** A set of keys in order. Keys are ASCII, so that the order of strings is the order of their UTF-8 bytes. */
export interface SortedKeys {
  /** Adds a key that is not in the set. */
  add(key: string): void
  delete(key: string): void
  /** The index of the first key that is `from` or follows it. */
  positionOf(from: string): number
  at(position: number): string | undefined
}

/** Sorts on the first read, so that a thousand puts in a row cost one sort and not a thousand insertions. */
export function createSortedKeys(): SortedKeys {
  let sorted: string[] = []
  let added: string[] = []

  function sort(): void {
    if (added.length === 0) return
    // The old keys are sorted already, which a merge sort uses.
    sorted = sorted.concat(added).sort()
    added = []
  }

  function positionOf(from: string): number {
    sort()
    return countFirst(sorted, (key) => key < from)
  }

  return {
    positionOf,
    add: (key) => void added.push(key),
    delete(key) {
      const position = positionOf(key)
      if (sorted[position] === key) sorted.splice(position, 1)
    },
    at(position) {
      sort()
      return sorted[position]
    },
  }
}
