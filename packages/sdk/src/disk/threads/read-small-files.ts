import { closeSync, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs'
import { sha256 } from '@trackway/protocol/content'
import type { SmallFiles, Tasks } from '../../tasks/tasks.ts'
import { fileError } from '../files/file-error.ts'
import { fileIdentity } from '../files/file-identity.ts'
import { checkRegular, checkUnchanged, endedEarly, readOnly, statesTooMuch } from '../files/file-source.ts'

type ReadFile = SmallFiles['files'][number]

export const readSmallFiles: Tasks['readSmallFiles'] = ({ files, maximum }) => {
  let bytes = new Uint8Array(files.reduce((sum, { size }) => sum + size, 0))
  let filled = 0
  const read = files.map((file): ReadFile => {
    return withFile(file.localPath, (descriptor, before) => {
      const stated = Number(before.size)
      if (stated > maximum) return undefined
      bytes = withRoom(bytes, filled + stated)
      const count = readStated(descriptor, bytes.subarray(filled, filled + stated), file.localPath)
      const more = readMore(descriptor, count, maximum)
      const size = count + more.length
      if (size > maximum) return undefined
      bytes = withRoom(bytes, filled + size)
      bytes.set(more, filled + count)
      const content = bytes.subarray(filled, filled + size)
      filled += size
      const identity = size === stated ? fileIdentity(before) : undefined
      return { offset: filled - size, size, digest: sha256(content), identity }
    })
  })
  const content = filled === bytes.length ? bytes : bytes.slice(0, filled)
  return { bytes: content, digest: sha256(content), files: read }
}

/** The same bytes, in a larger buffer if theirs has less than this length. */
function withRoom(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (length <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length))
  larger.set(bytes)
  return larger
}

/** Opens a file, makes sure after the work that nothing changed meanwhile, and closes it. */
function withFile<Result>(
  localPath: string,
  work: (descriptor: number, before: BigIntStats) => Result,
): Result {
  try {
    const descriptor = openSync(localPath, readOnly)
    try {
      const before = fstatSync(descriptor, { bigint: true })
      checkRegular(before, localPath)
      const result = work(descriptor, before)
      checkUnchanged(localPath, before, fstatSync(descriptor, { bigint: true }))
      return result
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw fileError(error, 'Reading', localPath)
  }
}

/**
 * Reads until the buffer is full, and returns how many bytes there were. A file that was truncated is
 * refused.
 */
function readStated(descriptor: number, bytes: Uint8Array, path: string): number {
  for (let filled = 0; filled < bytes.length; ) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, filled)
    if (count === 0) {
      if (statesTooMuch(path)) return filled
      throw endedEarly(path, filled, bytes.length)
    }
    filled += count
  }
  return bytes.length
}

const probe = new Uint8Array(1)

/** What a file has beyond its reported size, up to the capacity of a bundle and one byte more. */
function readMore(descriptor: number, position: number, maximum: number): Uint8Array {
  if (readSync(descriptor, probe, 0, 1, position) === 0) return probe.subarray(1)
  const bytes = new Uint8Array(maximum + 1 - position)
  let filled = 0
  for (let count = -1; count !== 0 && filled < bytes.length; filled += count) {
    count = readSync(descriptor, bytes, filled, bytes.length - filled, position + filled)
  }
  return bytes.subarray(0, filled)
}
