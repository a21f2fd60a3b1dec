import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isStream, piecesOf } from '../../stores/byte-stream.ts'
import type { ByteStream, ObjectBody } from '../../stores/object-store.ts'

/** Bytes whose length and digest are known before the first is sent, and that can be sent again. */
export interface SizedBody {
  /** Bytes. */
  size: number
  sha256: Buffer
  open(): Readable
  /** Gives back what the bytes took up. */
  dispose(): Promise<void>
}

const mostMemory = 8 * 1024 * 1024

/** What an S3 store has to know of a body. Of a stream, what goes beyond 8 MiB waits in a temporary file. */
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
      // The giver may use the piece's memory again for the next one.
      if (file === undefined) pieces.push(piece.slice())
      else await writeAll(file.handle, piece)
      if (file !== undefined || size <= mostMemory) continue
      file = await makeTemporaryFile()
      for (const kept of pieces.splice(0)) await writeAll(file.handle, kept)
    }
    await file?.handle.close()
  } catch (error) {
    await file?.handle.close().catch(() => {}) // The stream's error is the one to tell.
    await file?.remove()
    throw error
  }
  if (file === undefined) return inMemory(pieces, hash)
  const { path, remove } = file
  return { size, sha256: hash.digest(), open: () => createReadStream(path), dispose: remove }
}

interface TemporaryFile {
  path: string
  handle: FileHandle
  remove(): Promise<void>
}

async function makeTemporaryFile(): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-put-'))
  const path = join(folder, 'body')
  const remove = () => rm(folder, { recursive: true, force: true })
  return { path, handle: await open(path, 'wx', 0o600), remove }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, start)
    start += bytesWritten
  }
}
