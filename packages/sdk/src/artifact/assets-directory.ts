import { TrackwayError, type VersionRecord } from '@trackway/protocol'
import { z } from 'zod'
import { fileSystem } from '#platform'
import type { Completion } from './download.ts'

const marker = '.SUCCESS'
const markerSchema = z.object({ storeId: z.string(), digest: z.string(), manifest: z.string() })

/** Where a version lies in the assets directory. The store is part of it, so that two stores' V1 never meet. */
export function assetFolder(storeId: string, { team, experiment, type, name, tag }: VersionRecord): string {
  // Names are compared without case, so they are folders in one case.
  const segments = [storeId, ...`${team}/${experiment}/${type}/${name}`.toLowerCase().split('/'), tag]
  return segments.reduce((folder, segment) => fileSystem.join(folder, segment), fileSystem.assetsDirectory())
}

/** A version in the assets directory is complete when a file inside says so, which is written before it is published. */
export function assetCompletion(storeId: string, record: VersionRecord): Completion {
  const wanted = { storeId, digest: record.digest, manifest: record.manifest.digest }
  return {
    async finish(staging) {
      await staging.write(marker, `${JSON.stringify(wanted)}\n`)
    },
    async isComplete(folder) {
      const text = await fileSystem.readText(fileSystem.join(folder, marker))
      const found = parseMarker(text)
      return found?.storeId === storeId && found.digest === wanted.digest
    },
  }
}

function parseMarker(text: string | undefined): z.infer<typeof markerSchema> | undefined {
  if (text === undefined) return undefined
  try {
    return markerSchema.parse(JSON.parse(text))
  } catch {
    return undefined // Written by something else, or cut off: not complete.
  }
}

/** Throws `target_unsupported` where an entry stands in the marker's place. */
export function checkNoMarkerEntry(label: string, paths: Iterable<string>): void {
  for (const path of paths) {
    if (path !== marker && !path.startsWith(`${marker}/`)) continue
    throw new TrackwayError(
      'target_unsupported',
      `Downloading ${label} to the assets directory: its entry ${path} stands where the file ${marker} has to be; download it to a folder of your own`,
    )
  }
}
