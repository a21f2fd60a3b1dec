import { parseReference, type Tag } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { readKnown, type VersionSpec } from '../artifact/known-versions.ts'
import type { Place } from '../session/place.ts'
import { markerName, readMarker } from './asset-marker.ts'
import { artifactFolder, assetFolder, tagsIn, type ArtifactAddress } from './assets-directory.ts'
import { pathIn } from './download-asset.ts'

/** A version, or a file of it, as it lies here. */
export interface FoundAsset {
  tag: Tag
  path: string
}

/** Noting that something is used is worth it so often. */
const useMs = 60 * 60 * 1000

/** The path of a version that is complete, or of its entry; undefined where either is not there. */
export async function findComplete(
  artifact: ArtifactAddress,
  tag: Tag,
  path: string | undefined,
): Promise<FoundAsset | undefined> {
  const folder = assetFolder(artifact, tag)
  const marker = await readMarker(folder)
  if (marker?.storeId !== artifact.storeId || path === markerName) return undefined
  const wanted = pathIn(folder, path)
  if (path !== undefined && (await fileSystem.look(wanted))?.kind !== 'file') return undefined
  await noteUse(fileSystem.join(folder, markerName))
  return { tag, path: wanted }
}

async function noteUse(marker: string): Promise<void> {
  const usedAt = await fileSystem.stored.usedAt(marker)
  if (usedAt !== undefined && Date.now() - usedAt > useMs) await fileSystem.stored.noteUse(marker)
}

/** The tag of the complete version in an artifact's folder that has this digest. */
export async function findDigest(folder: string, digest: string): Promise<Tag | undefined> {
  for (const tag of await tagsIn(folder)) {
    if ((await readMarker(fileSystem.join(folder, tag)))?.digest === digest) return tag
  }
  return undefined
}

/** What a reference meant when the server was asked the last time; of `latest`, the newest version that lies here. */
export async function lastKnown(
  place: Place,
  artifact: ArtifactAddress,
  spec: VersionSpec,
): Promise<Tag | undefined> {
  const folder = artifactFolder(artifact)
  const tags =
    parseReference(spec.reference).kind === 'latest'
      ? await tagsIn(folder)
      : [(await readKnown(place, spec))?.record.tag].filter((tag) => tag !== undefined)
  for (const tag of tags) {
    if ((await readMarker(fileSystem.join(folder, tag))) !== undefined) return tag
  }
  return undefined
}
