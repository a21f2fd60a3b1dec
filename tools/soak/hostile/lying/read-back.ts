import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { sha256, versionDigest } from '@trackway/protocol'
import type { Artifact } from '@trackway/sdk'
import type { Scene } from './call.ts'

/** Everything of an artifact, read and held to what it says of itself. */
export async function contentOf(artifact: Artifact, scene: Scene) {
  const lines: { path: string; digest: ReturnType<typeof sha256> }[] = []
  for (const entry of artifact.entryList) {
    const bytes = await entry.bytes({ signal: scene.signal })
    if (sha256(bytes) !== entry.digest || bytes.length !== entry.size)
      throw new Error(`${entry.path} has other bytes than its digest says`)
    lines.push({ path: entry.path, digest: sha256(bytes) })
  }
  if (versionDigest(lines) !== artifact.digest) throw new Error('The entries are not those of the version')
  return lines
}

export async function filesBelow(folder: string) {
  const items = await readdir(folder, { recursive: true, withFileTypes: true })
  // The marker says where the store was reached, which may be said otherwise.
  const files = items
    .filter((item) => item.isFile() && item.name !== '.SUCCESS')
    .map((item) => join(item.parentPath, item.name))
  return Promise.all(
    files.toSorted().map(async (path) => [path.slice(folder.length), sha256(await readFile(path))]),
  )
}

export async function streamOf(stream: ReadableStream<Uint8Array>) {
  return sha256(await buffer(stream))
}
