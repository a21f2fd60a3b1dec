import { comparePaths, type ManifestBlob, type ManifestEntry, type Part } from '@trackway/protocol'

/** An entry, and the blobs that its parts count: only those that it uses, so that reading it needs no manifest. */
export interface StoredEntry {
  entry: ManifestEntry
  blobs: readonly ManifestBlob[]
}

/** An entry with those blobs of its manifest that it uses, by the numbers that they have there. */
export function entryWith(
  entry: ManifestEntry,
  blobs: { get(index: number): ManifestBlob | undefined },
): StoredEntry {
  if (entry.parts === undefined) return { entry, blobs: [] }
  const used: ManifestBlob[] = []
  const numbers = new Map<number, number>()
  const parts = entry.parts.map(([index, offset, length]): Part => {
    let number = numbers.get(index)
    if (number === undefined) {
      const blob = blobs.get(index)
      // What is not listed is an error for anyone who reads it.
      number = blob === undefined ? -1 : used.push(blob) - 1
      numbers.set(index, number)
    }
    return [number, offset, length]
  })
  return { entry: { ...entry, parts }, blobs: used }
}

/** How many of a manifest's entries come before a path. */
export function placeOf(entries: readonly ManifestEntry[], path: string): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comparePaths(entries[middle]?.path ?? '', path) < 0) low = middle + 1
    else high = middle
  }
  return low
}

const mostAround = 5_000

/** Paths of entries, the nearest to a place first. */
export function pathsAround(entries: readonly ManifestEntry[], place: number): string[] {
  const paths: string[] = []
  for (let away = 0; away < mostAround; away += 1)
    for (const entry of [entries[place + away], entries[place - away - 1]])
      if (entry !== undefined) paths.push(entry.path)
  return paths
}
