import { join } from 'node:path'
import { TrackwayError, digestSchema, tagSchema, type VersionRecord } from '@trackway/protocol'
import * as z from 'zod/mini'
import type { Connection } from '../../client/connection.ts'
import type { StoredVersion } from '../../version/version.ts'
import { readText } from '../files/files.ts'
import { haveSizes } from '../files/stored-folders.ts'

/**
 * The file in a version in the assets directory that marks it as complete: it is written last, before the
 * version gets its name. Its first line is the marker as JSON; each other line has the size and the path of a
 * file.
 */
export const markerName = '.SUCCESS'

const markerSchema = z.object({
  /** The address of the store. */
  address: z.string(),
  storeId: z.string(),
  team: z.string(),
  experiment: z.string(),
  type: z.string(),
  name: z.string(),
  tag: tagSchema,
  digest: digestSchema,
  manifest: digestSchema,
  files: z.number(),
  bytes: z.number(),
})

type MarkerText = z.infer<typeof markerSchema>

/** The marker of a complete version; the file has `files` for `fileCount` and `bytes` for `size`. */
export interface AssetMarker extends Omit<MarkerText, 'files' | 'bytes'> {
  fileCount: number
  size: number
}

/** What is known of an asset: its marker, and its files with their sizes, a line for each. */
export interface MarkedAsset extends AssetMarker {
  listing: string
}

/** The text of a version's marker. */
export function markerText(
  { address, storeId }: Pick<Connection, 'address' | 'storeId'>,
  { record, entries }: Pick<StoredVersion, 'record' | 'entries'>,
): string {
  const { team, experiment, type, name, tag, digest, fileCount, size } = record
  const manifest = record.manifest.digest
  const version = { team, experiment, type, name, tag, digest, manifest, files: fileCount, bytes: size }
  const marker: MarkerText = { address, storeId, ...version }
  const lines = entries.map((entry) => `${entry.size} ${entry.path}`)
  return `${[JSON.stringify(marker), ...lines].join('\n')}\n`
}

/** The marker in a folder; undefined if there is no valid one, and so no version. */
export async function readMarker(folder: string): Promise<MarkedAsset | undefined> {
  const text = await readText(join(folder, markerName))
  const end = text?.indexOf('\n') ?? -1
  if (text === undefined || end < 0) return undefined
  try {
    const { files: fileCount, bytes: size, ...marker } = markerSchema.parse(JSON.parse(text.slice(0, end)))
    const listing = text.slice(end)
    // An interrupted copy has fewer lines.
    return listing.split('\n').length === fileCount + 2 ? { ...marker, fileCount, size, listing } : undefined
  } catch {
    return undefined
  }
}

/** The files that a marker lists. */
export function* listedFiles({ listing }: MarkedAsset): Generator<{ path: string; size: number }> {
  for (let start = 1, end = listing.indexOf('\n', 1); end >= 0; end = listing.indexOf('\n', start)) {
    const space = listing.indexOf(' ', start)
    yield { size: Number(listing.slice(start, space)), path: listing.slice(space + 1, end) }
    start = end + 1
  }
}

/** The size that a marker lists for a path; undefined if it lists none. */
function listedSize({ listing }: MarkedAsset, path: string): number | undefined {
  const ending = ` ${path}\n`
  for (let at = listing.indexOf(ending); at >= 0; at = listing.indexOf(ending, at + 1)) {
    // The path of another file may end with these characters.
    const size = listing.slice(listing.lastIndexOf('\n', at) + 1, at)
    if (/^\d+$/.test(size)) return Number(size)
  }
  return undefined
}

/** Whether a version has the listed files, with their sizes: all of them, or the one with a path. */
export async function hasFiles(folder: string, marker: MarkedAsset, path?: string): Promise<boolean> {
  if (path === undefined) return haveSizes(folder, listedFiles(marker))
  const size = listedSize(marker, path)
  return size !== undefined && haveSizes(folder, [{ path, size }])
}

/** Whether a version came from this origin, whatever the name of its folder. */
export function isFrom(origin: Pick<AssetMarker, 'address' | 'storeId'>, marker: AssetMarker): boolean {
  return marker.address === origin.address && marker.storeId === origin.storeId
}

/** Whether a version matches this record: the store may have a different one under its tag by now. */
export function isOf({ digest, manifest }: VersionRecord, marker: AssetMarker): boolean {
  return marker.digest === digest && marker.manifest === manifest.digest
}

/** Throws `target_unsupported` if an entry has the marker's path. */
export function checkNoMarkerEntry(label: string, paths: Iterable<string>): void {
  for (const path of paths) {
    if (path !== markerName && !path.startsWith(`${markerName}/`)) continue
    throw new TrackwayError(
      'target_unsupported',
      `Downloading ${label} to the assets directory: its entry ${path} has the place of the file ${markerName}; download it to a folder of your own`,
    )
  }
}
