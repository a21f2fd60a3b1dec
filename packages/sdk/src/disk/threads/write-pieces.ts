import { closeSync, openSync, writeSync } from 'node:fs'
import { sha256, type Digest } from '@trackway/protocol/content'
import { IntegrityError } from '../../errors.ts'
import type { PieceToWrite, Tasks } from '../../tasks/tasks.ts'
import { fileError } from '../files/file-error.ts'

export const writePieces: Tasks['writePieces'] = ({ bytes, digest, pieces }) => {
  if (digest !== undefined) check(pieces[0]?.path ?? 'a blob', digest, bytes)
  const contentOf = ({ offset, length }: PieceToWrite) => bytes.subarray(offset, offset + length)
  for (const piece of pieces) {
    if (piece.whole !== undefined) check(piece.path, piece.whole.digest, contentOf(piece))
  }
  for (const piece of pieces) write(piece, contentOf(piece))
  return bytes
}

function check(path: string, expected: Digest, bytes: Uint8Array): void {
  const actual = sha256(bytes)
  if (actual !== expected) throw new IntegrityError(`Reading ${path}`, { path, expected, actual })
}

/** `wx` creates a new file: it neither opens an existing one nor follows a link. */
function write({ localPath, position, whole }: PieceToWrite, bytes: Uint8Array): void {
  try {
    const descriptor = openSync(localPath, whole === undefined ? 'r+' : 'wx', whole && modeOf(whole))
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, position + written)
      }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw fileError(error, 'Writing', localPath)
  }
}

function modeOf({ executable, readOnly }: NonNullable<PieceToWrite['whole']>): number {
  if (readOnly) return executable ? 0o555 : 0o444
  return executable ? 0o777 : 0o666
}
