import { closeSync, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs'
import { sha256 } from '@trackway/protocol/content'
import type { SmallFile, SmallFiles, Tasks } from '../../tasks.ts'
import { fileError } from '../file-error.ts'
import { fileIdentity } from '../file-identity.ts'
import { checkRegular, checkUnchanged, endedEarly, readOnly } from '../file-source.ts'

type ReadFile = SmallFiles['files'][number]

export const readSmallFiles: Tasks['readSmallFiles'] = ({ files, maximum }) => {
  let bytes = new Uint8Array(files.reduce((sum, { size }) => sum + size, 0))
  let filled = 0
  const read = files.map((file): ReadFile => {
    return withFile(file, (descriptor, before) => {
      const size = Number(before.size)
      if (size > maximum) return undefined
      if (filled + size > bytes.length) bytes = grown(bytes, filled + size)
      const content = bytes.subarray(filled, filled + size)
      readFully(descriptor, content, file.localPath)
      filled += size
      return { size, digest: sha256(content), identity: fileIdentity(before) }
    })
  })
  const content = filled === bytes.length ? bytes : bytes.slice(0, filled)
  return { bytes: content, digest: sha256(content), files: read }
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length))
  larger.set(bytes)
  return larger
}

/** Opens a file, makes sure behind the work that nothing changed meanwhile, and closes it. */
function withFile<Result>(
  { localPath }: SmallFile,
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

/** Reads on until the memory is full. What a file lacks by now, the look behind the reading finds out. */
function readFully(descriptor: number, bytes: Uint8Array, path: string): void {
  for (let filled = 0; filled < bytes.length; ) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, filled)
    if (count === 0) throw endedEarly(path, filled, bytes.length)
    filled += count
  }
}
