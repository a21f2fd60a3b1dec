import { closeSync, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs'
import { createSha256, TrackwayError, type Sha256 } from '@trackway/protocol/content'
import type { Tasks } from '../../tasks/tasks.ts'
import { fileError } from '../files/file-error.ts'
import { fileIdentity } from '../files/file-identity.ts'
import { checkRegular, checkUnchanged, endedEarly, readOnly } from '../files/file-source.ts'

interface OpenFile {
  descriptor: number
  localPath: string
  before: BigIntStats
  position: number
  hash: Sha256
}

const openFiles = new Map<number, OpenFile>()

export const openFile: Tasks['openFile'] = ({ id, localPath }) => {
  try {
    const descriptor = openSync(localPath, readOnly)
    try {
      const before = fstatSync(descriptor, { bigint: true })
      checkRegular(before, localPath)
      const size = Number(before.size)
      openFiles.set(id, { descriptor, localPath, before, position: 0, hash: createSha256() })
      return { size, identity: fileIdentity(before), hasMore: hasMore(descriptor, size) }
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  } catch (error) {
    throw fileError(error, 'Reading', localPath)
  }
}

export const readPiece: Tasks['readPiece'] = ({ id, length, memory }) => {
  const file = find(id)
  const bytes = memory?.buffer.byteLength === length ? new Uint8Array(memory.buffer) : new Uint8Array(length)
  try {
    for (let filled = 0; filled < length; ) {
      const count = readSync(file.descriptor, bytes, filled, length - filled, file.position)
      if (count === 0) throw endedEarly(file.localPath, file.position, Number(file.before.size))
      filled += count
      file.position += count
    }
  } catch (error) {
    throw fileError(error, 'Reading', file.localPath)
  }
  file.hash.update(bytes)
  return bytes
}

/** Whether a file is longer than its reported size. */
function hasMore(descriptor: number, size: number): boolean {
  return readSync(descriptor, new Uint8Array(1), 0, 1, size) > 0
}

export const finishFile: Tasks['finishFile'] = ({ id }) => {
  const { descriptor, localPath, before, hash } = find(id)
  openFiles.delete(id)
  try {
    checkUnchanged(localPath, before, fstatSync(descriptor, { bigint: true }))
    return { digest: hash.digest() }
  } finally {
    closeSync(descriptor)
  }
}

export const abandonFile: Tasks['abandonFile'] = ({ id }) => {
  const file = openFiles.get(id)
  openFiles.delete(id)
  if (file !== undefined) closeSync(file.descriptor)
}

function find(id: number): OpenFile {
  const file = openFiles.get(id)
  if (file === undefined) throw new TrackwayError('internal_error', 'Reading a file that is not open')
  return file
}
