import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '@trackway/protocol'

const week = 7 * 24 * 60 * 60 * 1000

/** Writes unused blobs to a store's folder that are old enough for a sweep. */
export async function storeOldBlobs(data: string, contents: Iterable<Uint8Array>): Promise<string[]> {
  const old = new Date(Date.now() - week - 60_000)
  const paths: string[] = []
  for (const bytes of contents) {
    const hex = sha256(bytes).slice('sha256:'.length)
    const folder = join(data, 't/default/b', hex.slice(0, 2))
    const path = join(folder, hex.slice(2))
    await mkdir(folder, { recursive: true })
    // Under a name that no store has, until it is old.
    const temporary = join(data, `.old-${hex}`)
    await writeFile(temporary, bytes)
    await utimes(temporary, old, old)
    await rename(temporary, path)
    paths.push(path)
  }
  return paths
}
