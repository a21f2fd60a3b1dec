import { TrackwayError, digestSchema, tagSchema, type VersionRecord } from '@trackway/protocol'
import * as z from 'zod/mini'
import { fileSystem } from '#platform'

/**
 * The file inside of a version in the assets directory which says that all of it is there: it is written last, before
 * the version gets its name.
 */
export const markerName = '.SUCCESS'

const markerSchema = z.object({
  storeId: z.string(),
  /** Where the store was reached when the version was brought here. */
  host: z.optional(z.string()),
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

/** What a complete version says of itself. */
export type AssetMarker = z.infer<typeof markerSchema>

export function markerOf(
  { storeId, url }: { storeId: string; url: string },
  record: VersionRecord,
): AssetMarker {
  const { team, experiment, type, name, tag, digest, files, bytes } = record
  return {
    storeId,
    host: url,
    team,
    experiment,
    type,
    name,
    tag,
    digest,
    manifest: record.manifest.digest,
    files,
    bytes,
  }
}

/** The marker in a folder; undefined where there is none, or something that none is: then the version is not there. */
export async function readMarker(folder: string): Promise<AssetMarker | undefined> {
  const text = await fileSystem.readText(fileSystem.join(folder, markerName))
  try {
    return text === undefined ? undefined : markerSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Throws `target_unsupported` where an entry stands in the marker's place. */
export function checkNoMarkerEntry(label: string, paths: Iterable<string>): void {
  for (const path of paths) {
    if (path !== markerName && !path.startsWith(`${markerName}/`)) continue
    throw new TrackwayError(
      'target_unsupported',
      `Downloading ${label} to the assets directory: its entry ${path} stands where the file ${markerName} has to be; download it to a folder of your own`,
    )
  }
}
