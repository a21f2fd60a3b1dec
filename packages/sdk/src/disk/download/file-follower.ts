import type { Digest } from '@trackway/protocol'
import type { LocatedEntry } from '../../version/located-entry.ts'
import type { Crew } from '../../tasks/tasks.ts'
import { hashFile } from './file-hash.ts'

/**
 * Hashes a file while its parts are written, in any order: it reads on as far as the file is complete from
 * its beginning. So the hash covers what is in the file, and little is left to hash at the end.
 */
export interface FileFollower {
  /** A part was written. */
  written(slice: number): void
  /** The digest of the file, once all of its parts are written. */
  finish(): Promise<Digest | undefined>
  /** Closes the file, however far it was read. */
  close(): Promise<void>
}

export function followFile(crew: Crew, entry: LocatedEntry, localPath: string): FileFollower {
  const hash = hashFile(crew, localPath)
  const there = new Set<number>()
  let next = 0
  let begun = false
  let reading: Promise<void> = Promise.resolve()

  async function readOn(): Promise<void> {
    for (let slice = entry.slices[next]; slice !== undefined && there.has(next); slice = entry.slices[next]) {
      next += 1
      if (!begun) await hash.begin()
      begun = true
      await hash.more(slice.length)
    }
  }

  return {
    written(slice) {
      there.add(slice)
      reading = reading.then(readOn)
      reading.catch(() => {}) // Reported by `finish`.
    },
    finish: async () => {
      await reading
      return hash.end()
    },
    async close() {
      await reading.catch(() => {})
      await hash.end()
    },
  }
}
