import type { Digest } from '@trackway/protocol'
import type { Crew, Lane, TaskOutput } from '../../tasks/tasks.ts'

/** Hashes the content of a file piece by piece, in one thread. */
export interface FileHash {
  /** The thread. */
  lane: Lane
  /** Opens the file; undefined if there is no regular file. */
  begin(): Promise<TaskOutput<'beginDigest'>>
  /** Hashes the next bytes. With `own`, returns the digest of these bytes alone as well. */
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
