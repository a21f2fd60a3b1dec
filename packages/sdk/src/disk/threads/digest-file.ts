import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { createSha256, TrackwayError, type Digest, type Sha256 } from '@trackway/protocol/content'
import { systemCodeOf } from '@trackway/protocol/node'
import type { Tasks } from '../../tasks/tasks.ts'
import { fileError } from '../files/file-error.ts'
import { isExecutable } from '../files/file-facts.ts'
import { readOnly } from '../files/file-source.ts'

interface HashedFile {
  descriptor: number
  localPath: string
  position: number
  hash: Sha256
}

const hashed = new Map<number, HashedFile>()
const memory = new Uint8Array(1024 * 1024)

export const beginDigest: Tasks['beginDigest'] = ({ id, localPath }) => {
  try {
    const descriptor = openSync(localPath, readOnly)
    const stats = fstatSync(descriptor, { bigint: true })
    if (!stats.isFile()) {
      closeSync(descriptor)
      return undefined
    }
    hashed.set(id, { descriptor, localPath, position: 0, hash: createSha256() })
    return { size: Number(stats.size), executable: isExecutable(stats) }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return undefined
    throw fileError(error, 'Reading', localPath)
  }
}

export const digestMore: Tasks['digestMore'] = ({ id, length, own = false }) => {
  const file = hashed.get(id)
  if (file === undefined) throw new TrackwayError('internal_error', 'Hashing a file that is not open')
  const ownHash = own ? createSha256() : undefined
  let done = 0
  try {
    while (done < length) {
      const wanted = Math.min(memory.length, length - done)
      const count = readSync(file.descriptor, memory, 0, wanted, file.position)
      if (count === 0) break
      file.hash.update(memory.subarray(0, count))
      ownHash?.update(memory.subarray(0, count))
      file.position += count
      done += count
    }
  } catch (error) {
    throw fileError(error, 'Reading', file.localPath)
  }
  return { length: done, digest: ownHash?.digest() }
}

export const endDigest: Tasks['endDigest'] = ({ id }) => {
  const file = hashed.get(id)
  if (file === undefined) return undefined
  hashed.delete(id)
  closeSync(file.descriptor)
  return file.hash.digest()
}

/** The digest of a whole file. */
export function digestOfFile(localPath: string): Digest {
  const hash = createSha256()
  const descriptor = openSync(localPath, readOnly)
  try {
    for (let count; (count = readSync(descriptor, memory, 0, memory.length, null)) > 0; ) {
      hash.update(memory.subarray(0, count))
    }
    return hash.digest()
  } finally {
    closeSync(descriptor)
  }
}
