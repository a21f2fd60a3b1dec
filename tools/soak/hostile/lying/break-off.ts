import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TrackwayError, type Artifact } from '@trackway/sdk'
import type { Scene } from './call.ts'

/** Begins a download, ends it after some bytes, and writes others into a file that it left. */
export async function breakOff(artifact: Artifact, { folder }: Scene): Promise<void> {
  const stop = new AbortController()
  const onProgress = ({ bytes }: { bytes: number }) => bytes > 1_000_000 && stop.abort()
  const ended = await artifact
    .download(join(folder, 'target'), { signal: stop.signal, onProgress })
    .catch((error: unknown) => error)
  if (!TrackwayError.hasCode(ended, 'aborted')) throw new Error('The download was not broken off')
  const items = await readdir(folder, { recursive: true, withFileTypes: true })
  const left = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name))
  const damaged = left.find((path) => path.endsWith('large.bin'))
  if (damaged === undefined) throw new Error(`The download left ${left.join(', ') || 'nothing'}`)
  const file = await open(damaged, 'r+')
  await file.write(new Uint8Array([1, 2, 3]), 0, 3, 100)
  await file.close()
}
