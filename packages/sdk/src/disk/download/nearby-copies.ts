import { join } from 'node:path'
import { tagNumber, type Digest, type Limits } from '@trackway/protocol'
import { readManifest } from '../../version/manifest-cache.ts'
import { isFrom, readMarker } from '../folder/asset-marker.ts'
import { artifactFolder, assetFolder, tagsIn, type ArtifactAddress } from '../folder/assets-directory.ts'

/** Files on this machine that should have a digest. */
export type FindCopies = (digest: Digest) => readonly string[]

/** How many versions are searched: adjacent versions share the most, and each costs reading its manifest. */
const neighbors = 3

/**
 * Files of an artifact's versions in the assets directory, by their digests, according to their manifests.
 * The caller must check that a file is still unchanged. The nearest versions come first. They only save work:
 * if the directory does not exist or cannot be read, there are none.
 */
export async function nearbyCopies(
  artifact: ArtifactAddress,
  options: { tag: string; limits: Limits },
): Promise<FindCopies> {
  try {
    return await findCopies(artifact, options)
  } catch {
    return () => []
  }
}

async function findCopies(
  artifact: ArtifactAddress,
  { tag, limits }: { tag: string; limits: Limits },
): Promise<FindCopies> {
  const wanted = tagNumber(tag) ?? 0
  const distance = (other: string) => Math.abs((tagNumber(other) ?? 0) - wanted)
  const tags = (await tagsIn(artifactFolder(artifact))).sort((a, b) => distance(a) - distance(b))
  const copies = new Map<Digest, string[]>()
  for (const near of tags.slice(0, neighbors)) {
    const folder = assetFolder(artifact, near)
    const marker = await readMarker(folder)
    if (marker === undefined || !isFrom(artifact, marker)) continue
    const manifest = await readManifest(marker.manifest, limits)
    for (const { path, digest } of manifest?.entries ?? []) {
      const known = copies.get(digest)
      const localPath = join(folder, path)
      if (known === undefined) copies.set(digest, [localPath])
      else if (known.length < neighbors) known.push(localPath)
    }
  }
  return (digest) => copies.get(digest) ?? []
}
