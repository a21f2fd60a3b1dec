import type { Digest } from '@trackway/protocol'
import type { Crew, Lane, TaskOutput } from '../platform/tasks.ts'

/** Hashes what lies in a file, as far as it is told to, in one thread. */
export interface FileHash {
  /** The thread. */
  lane: Lane
  /** Opens the file; undefined where there is no regular one. */
  begin(): Promise<TaskOutput<'beginDigest'>>
  /** Hashes the next bytes. With `own`, answers the digest of just these as well. */
  more(length: number, own?: boolean): Promise<TaskOutput<'digestMore'>>
  /** The digest of all bytes that were hashed. Closes the file. */
  end(): Promise<Digest | undefined>
}

let files = 0

export function hashFile(crew: Crew, localPath: string): FileHash {
  const lane = crew.lane()
  const id = (files += 1)
  return {
    lane,
    begin: () => lane.run('beginDigest', { id, localPath }),
    more: (length, own = false) => lane.run('digestMore', { id, length, own }),
    end: () => lane.run('endDigest', { id }),
  }
}
