import { join } from 'node:path'
import { parseRevision, type Tag, type VersionRecord } from '@trackway/protocol'
import { readKnown, type VersionSpec } from '../../version/known-versions.ts'
import type { Scope } from '../../client/scope.ts'
import { hasFiles, isFrom, isOf, markerName, readMarker } from '../folder/asset-marker.ts'
import { artifactFolder, assetFolder, tagsIn, type ArtifactAddress } from '../folder/assets-directory.ts'
import { pathIn } from './download-asset.ts'
import { markUsed, lastUseOf } from '../files/stored-folders.ts'

/** A version, or a file of it, in the assets directory. */
export interface FoundAsset {
  tag: Tag
  path: string
}

/** How often the use of an asset is recorded. */
const useMs = 60 * 60 * 1000

/**
 * The path of a version that has all its files, or of one of them; undefined if it is not present, or is not
 * the version of the record.
 */
export async function findComplete(
  artifact: ArtifactAddress,
  { tag, path, record }: { tag: Tag; path: string | undefined; record?: VersionRecord },
): Promise<FoundAsset | undefined> {
  const folder = assetFolder(artifact, tag)
  const marker = await readMarker(folder)
  if (marker === undefined || !isFrom(artifact, marker)) return undefined
  if (record !== undefined && !isOf(record, marker)) return undefined
  if (!(await hasFiles(folder, marker, path))) return undefined
  await noteUse(join(folder, markerName))
  return { tag, path: pathIn(folder, path) }
}

async function noteUse(marker: string): Promise<void> {
  const usedAt = await lastUseOf(marker)
  if (usedAt !== undefined && Date.now() - usedAt > useMs) await markUsed(marker)
}

/** The tag of the complete version in an artifact's folder with this digest. */
export async function findDigest(folder: string, digest: string): Promise<Tag | undefined> {
  for (const tag of await tagsIn(folder)) {
    if ((await readMarker(join(folder, tag)))?.digest === digest) return tag
  }
  return undefined
}

/** What the server last said that a revision means; for `latest`, the newest version that is present. */
export async function lastKnown(
  scope: Scope,
  artifact: ArtifactAddress,
  spec: VersionSpec,
): Promise<Tag | undefined> {
  const folder = artifactFolder(artifact)
  const tags =
    parseRevision(spec.revision).kind === 'latest'
      ? await tagsIn(folder)
      : [(await readKnown(scope, spec))?.version.tag].filter((tag) => tag !== undefined)
  for (const tag of tags) {
    if ((await readMarker(join(folder, tag))) !== undefined) return tag
  }
  return undefined
}
