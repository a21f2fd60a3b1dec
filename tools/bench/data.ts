import { createCipheriv, createHash, type Cipheriv } from 'node:crypto'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const pieceBytes = 1024 * 1024

/** Pseudo-random bytes, the same for the same seed: AES in counter mode, over zeros. */
function generator(seed: string): Cipheriv {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
}

/** Writes a file of `bytes` bytes. With `insert`, that many other bytes are inserted in the middle. */
export async function writeLargeFile(
  path: string,
  { seed, bytes, insert = 0 }: { seed: string; bytes: number; insert?: number },
): Promise<void> {
  const source = generator(seed)
  const handle = await open(path, 'w')
  const zeros = Buffer.alloc(pieceBytes)
  try {
    for (let written = 0; written < bytes; ) {
      if (insert > 0 && written === Math.floor(bytes / 2 / pieceBytes) * pieceBytes) {
        await handle.writeFile(generator(`${seed} insert`).update(Buffer.alloc(insert)))
      }
      const length = Math.min(pieceBytes, bytes - written)
      await handle.writeFile(source.update(zeros.subarray(0, length)))
      written += length
    }
  } finally {
    await handle.close()
  }
}

/** Writes files of the same size, spread over folders. */
export async function writeSmallFiles(
  folder: string,
  { seed, files, bytes, folders = 1 }: { seed: string; files: number; bytes: number; folders?: number },
): Promise<void> {
  const source = generator(seed)
  const zeros = Buffer.alloc(bytes)
  for (let index = 0; index < folders; index += 1) await mkdir(join(folder, `d${index}`), { recursive: true })
  for (let index = 0; index < files; index += 1) {
    const name = String(index).padStart(6, '0')
    await writeFile(join(folder, `d${index % folders}`, name), source.update(zeros))
  }
}

/** Bytes for a file that changes. */
export function changedBytes(seed: string, bytes: number): Buffer {
  return generator(seed).update(Buffer.alloc(bytes))
}
