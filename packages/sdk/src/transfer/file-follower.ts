import type { Digest } from '@trackway/protocol'
import type { PlacedEntry } from '../content/placed-entry.ts'
import type { Crew } from '../platform/tasks.ts'

/**
 * Hashes a file while its parts are written, in whatever order: it reads on as far as the file is there from its
 * beginning. So what lies in the file is what is hashed, and little is left to hash at the end.
 */
export interface FileFollower {
  /** A part was written. */
  written(slice: number): void
  /** The digest of the file, once all of its parts are written. */
  finish(): Promise<Digest | undefined>
  /** Closes the file, however far it was read. */
  close(): Promise<void>
}

let followers = 0

export function followFile(crew: Crew, entry: PlacedEntry, localPath: string): FileFollower {
  const lane = crew.lane()
  const id = (followers += 1)
  const there = new Set<number>()
  let next = 0
  let begun = false
  let reading: Promise<void> = Promise.resolve()

  async function readOn(): Promise<void> {
    for (let slice = entry.slices[next]; slice !== undefined && there.has(next); slice = entry.slices[next]) {
      next += 1
      if (!begun) await lane.run('beginDigest', { id, localPath })
      begun = true
      await lane.run('digestMore', { id, length: slice.length })
    }
  }

  return {
    written(slice) {
      there.add(slice)
      reading = reading.then(readOn)
      reading.catch(() => {}) // Told by `finish`.
    },
    finish: async () => {
      await reading
      return lane.run('endDigest', { id })
    },
    async close() {
      await reading.catch(() => {})
      await lane.run('endDigest', { id })
    },
  }
}
