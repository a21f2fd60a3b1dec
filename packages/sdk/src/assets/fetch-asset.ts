import { formatSpec, parseReference, parseSpec, TrackwayError, type Spec, type Tag } from '@trackway/protocol'
import { fileSystem } from '#platform'
import { isPinned, readKnown } from '../artifact/known-versions.ts'
import { nearestPaths } from '../artifact/nearest-paths.ts'
import { readEntries, readRecord } from '../artifact/stored-version.ts'
import type { Place } from '../session/place.ts'
import { markerName, readMarker } from './asset-marker.ts'
import { artifactFolder, assetFolder, tagsIn, type ArtifactAddress } from './assets-directory.ts'
import { downloadAsset, pathIn, type AssetDownloadOptions } from './download-asset.ts'

/** How an asset is fetched. */
export type FetchAssetOptions = AssetDownloadOptions

/** Noting that something is used is worth it so often. */
const useMs = 60 * 60 * 1000

/**
 * The local path of a version, or of a file of it: `dataset/sample:V2[train.csv]`. What is there and pinned by a tag or
 * a whole digest costs no request; else the server is asked which version is meant. Where it cannot be reached, what
 * was meant the last time will do, and `latest` is the latest that lies there.
 */
export async function fetchAsset(
  place: Place,
  text: string,
  { print, ...options }: FetchAssetOptions & { print: (text: string) => void },
): Promise<string> {
  const spec = parseSpec(text)
  const found = await find(place, spec, { print, ...options })
  const { type, name } = spec
  place.run?.addInput({ experiment: place.experiment, type, name, tag: found.tag })
  return found.path
}

/** A version, or a file of it, as it lies here. */
interface Found {
  tag: Tag
  path: string
}

async function find(
  place: Place,
  spec: Spec,
  { print, ...options }: FetchAssetOptions & { print: (text: string) => void },
): Promise<Found> {
  const artifact = addressOf(place, spec)
  const reference = spec.reference ?? 'latest'
  const pinned = options.verify ? undefined : await findPinned(artifact, spec)
  if (pinned !== undefined) return pinned
  const query = { type: spec.type, name: spec.name, reference, signal: options.signal }
  try {
    const record = await readRecord(place, query)
    const here = options.verify ? undefined : await present(artifact, record.tag, spec.path)
    if (here !== undefined) return here
    const folder = await downloadAsset(await readEntries(place, record, options.signal), options)
    return { tag: record.tag, path: await entryIn(folder, spec) }
  } catch (error) {
    if (!isUnreachable(error) || isPinned(reference)) throw error
    const tag = await lastKnown(place, artifact, query)
    const here = tag && (await present(artifact, tag, spec.path))
    if (here === undefined) throw error
    print(
      `${formatSpec({ ...spec, reference })}: the server cannot be reached; ${tag}, which lies here, is taken`,
    )
    return here
  }
}

export function addressOf(place: Place, { type, name }: Spec): ArtifactAddress {
  const { connection, team, experiment } = place
  return { storeId: connection.storeId, team, experiment, type, name }
}

/** What is pinned and lies here; no server is asked. */
export async function findPinned(artifact: ArtifactAddress, spec: Spec): Promise<Found | undefined> {
  if (spec.reference === undefined || !isPinned(spec.reference)) return undefined
  const reference = parseReference(spec.reference)
  if (reference.kind === 'tag') return present(artifact, reference.tag, spec.path)
  for (const tag of await tagsIn(artifactFolder(artifact))) {
    const marker = await readMarker(assetFolder(artifact, tag))
    if (marker?.digest === spec.reference) return present(artifact, tag, spec.path)
  }
  return undefined
}

/** The path of a version that is complete, or of its entry; undefined where either is not there. */
async function present(
  artifact: ArtifactAddress,
  tag: Tag,
  path: string | undefined,
): Promise<Found | undefined> {
  const folder = assetFolder(artifact, tag)
  const marker = await readMarker(folder)
  if (marker?.storeId !== artifact.storeId) return undefined
  const wanted = pathIn(folder, path)
  if (path !== undefined && (await fileSystem.look(wanted))?.kind !== 'file') return undefined
  await noteUse(fileSystem.join(folder, markerName))
  return { tag, path: wanted }
}

async function noteUse(marker: string): Promise<void> {
  const usedAt = await fileSystem.stored.usedAt(marker)
  if (usedAt !== undefined && Date.now() - usedAt > useMs) await fileSystem.stored.noteUse(marker)
}

async function entryIn(folder: string, { path, ...spec }: Spec): Promise<string> {
  const wanted = pathIn(folder, path)
  if (path === undefined || (await fileSystem.look(wanted))?.kind === 'file') return wanted
  const near = nearestPaths(path, await filesIn(folder))
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''
  throw new TrackwayError('not_found', `Fetching ${path}: ${formatSpec(spec)} has no such entry${hint}`, {
    details: { path, near },
  })
}

async function filesIn(folder: string, above = ''): Promise<string[]> {
  const paths: string[] = []
  for (const { name, kind } of await fileSystem.list(folder)) {
    if (kind === 'folder') paths.push(...(await filesIn(fileSystem.join(folder, name), `${above}${name}/`)))
    else if (above !== '' || name !== markerName) paths.push(above + name)
  }
  return paths
}

function isUnreachable(error: unknown): boolean {
  return TrackwayError.isInstance(error) && (error.code === 'network_error' || error.code === 'timeout')
}

/** What a reference meant when the server was asked the last time; of `latest`, the newest version that lies here. */
async function lastKnown(
  place: Place,
  artifact: ArtifactAddress,
  query: { type: string; name: string; reference: string },
): Promise<Tag | undefined> {
  if (parseReference(query.reference).kind !== 'latest') return (await readKnown(place, query))?.record.tag
  for (const tag of await tagsIn(artifactFolder(artifact))) {
    if ((await readMarker(assetFolder(artifact, tag))) !== undefined) return tag
  }
  return undefined
}
