import { createHash, randomUUID, type Hash } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isStream, piecesOf } from '../../stores/byte-stream.ts'
import type { ByteStream, ObjectBody } from '../../stores/object-store.ts'
import { attempt } from '../directory/file-error.ts'

/** Bytes whose length and digest are known before the first is sent, and that can be sent again. */
export interface SizedBody {
  /** Bytes. */
  size: number
  sha256: Buffer
  open(): Readable
  /** Frees what the bytes took up. */
  dispose(): Promise<void>
}

const mostMemory = 8 * 1024 * 1024
const readSize = 256 * 1024

/** What an S3 store must know of a body. The part of a stream beyond 8 MiB waits in a temporary file. */
export async function sizeBody(body: ObjectBody): Promise<SizedBody> {
  if (isStream(body)) return await spool(body)
  const pieces = piecesOf(body)
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return inMemory(pieces, hash)
}

function inMemory(pieces: readonly Uint8Array[], hash: Hash): SizedBody {
  return {
    size: pieces.reduce((sum, piece) => sum + piece.length, 0),
    sha256: hash.digest(),
    open: () => Readable.from(pieces, { objectMode: false }),
    dispose: () => Promise.resolve(),
  }
}

async function spool(stream: ByteStream): Promise<SizedBody> {
  const hash = createHash('sha256')
  const pieces: Uint8Array[] = []
  let size = 0
  let file: TemporaryFile | undefined
  try {
    for await (const piece of stream) {
      hash.update(piece)
      size += piece.length
      // The source may reuse the piece's memory for the next one.
      if (file === undefined) pieces.push(piece.slice())
      else await keep(file, piece)
      if (file !== undefined || size <= mostMemory) continue
      file = await attempt(keeping(), makeTemporaryFile)
      for (const kept of pieces.splice(0)) await keep(file, kept)
    }
  } catch (error) {
    await file?.remove()
    throw error
  }
  if (file === undefined) return inMemory(pieces, hash)
  const { handle, remove } = file
  return {
    size,
    sha256: hash.digest(),
    open: () => Readable.from(readFrom(handle, size), { objectMode: false }),
    dispose: remove,
  }
}

const keeping = () => `keep a large body in the folder for temporary files, ${tmpdir()}`

function keep({ handle }: TemporaryFile, piece: Uint8Array): Promise<void> {
  return attempt(keeping(), () => writeAll(handle, piece))
}

interface TemporaryFile {
  handle: FileHandle
  remove(): Promise<void>
}

/** A file that loses its name at once if the system allows that, so that it never stays behind. */
async function makeTemporaryFile(): Promise<TemporaryFile> {
  const path = join(tmpdir(), `trackway-put-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  const unlink = () => rm(path, { force: true })
  await unlink().catch(() => {}) // Windows keeps open files: there it is removed at the end.
  return {
    handle,
    async remove() {
      await handle.close()
      await unlink()
    },
  }
}

/** The file from its beginning, as often as needed. */
async function* readFrom(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < size; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(readSize), 0, readSize, start)
    if (bytesRead === 0) throw new Error('a temporary file is shorter than what was written')
    start += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, start)
    start += bytesWritten
  }
}
