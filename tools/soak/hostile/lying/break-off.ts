import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { TrackwayError } from '@trackway/sdk'
import { get, type Scene } from './call.ts'

/** More than the 1 MiB from which an ended download is kept, and less than all blobs but one have. */
const enoughBytes = 3_000_000

/** Begins a download, ends it when most of its bytes are there, and writes others into one of its files. */
export async function breakOff(scene: Scene): Promise<void> {
  await rm(scene.folder, { recursive: true, force: true })
  const stop = new AbortController()
  const artifact = await get({ ...scene, budgetMs: 30_000, fetch: withoutOneBlob() }, scene.pinned)
  const downloading = artifact
    .download(join(scene.folder, 'target'), { signal: stop.signal })
    .catch((error: unknown) => error)
  // What is written is counted a little later.
  for (let seen = 0; seen < 5; await setTimeout(20, undefined, { signal: scene.signal }))
    if ((await bytesBelow(scene.folder)) > enoughBytes) seen += 1
  stop.abort()
  if (!TrackwayError.hasCode(await downloading, 'aborted')) throw new Error('The download was not broken off')
  const large = (await filesBelow(scene.folder)).find((path) => path.endsWith('large.bin'))
  if (large === undefined) throw new Error('The download left nothing')
  const file = await open(large, 'r+')
  await file.write(new Uint8Array([1, 2, 3]), 0, 3, 2_000_000)
  await file.close()
}

/** The first requested blob never arrives. */
function withoutOneBlob(): (request: Request) => Promise<Response> {
  let held: string | undefined
  return async (request) => {
    if (request.url.includes('/blobs/')) held ??= request.url
    if (request.url === held)
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
    return fetch(request)
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return items.filter((item) => item.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

/** Bytes on the disk: a file may have its length before it has its content. */
async function bytesBelow(folder: string): Promise<number> {
  const paths = await filesBelow(folder)
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  return found.reduce((sum, stats) => sum + 512 * (stats?.blocks ?? 0), 0)
}
