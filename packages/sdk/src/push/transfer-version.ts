import { formatSpec, TrackwayError } from '@trackway/protocol'
import { checkEntries } from '../version/check-entries.ts'
import { getManifest } from '../version/get-manifest.ts'
import { mostBlobBytes } from '../read/blob-sizes.ts'
import { copyVersion, type CopiedVersion, type VersionCopying } from './copy-version.ts'
import { reupload } from './reupload.ts'

/**
 * Copies a version unchanged or, if its blobs are larger than the target takes, uploads its files in new
 * blobs.
 */
export async function transferVersion(copying: VersionCopying): Promise<CopiedVersion> {
  checkSize(copying)
  const { parsed, manifest } = await readManifest(copying)
  const most = mostBlobBytes(copying.target.scope.connection.limits)
  return parsed.blobs.every(({ size }) => size <= most)
    ? copyVersion(copying, parsed, manifest)
    : reupload(copying, parsed)
}

function checkSize({ record, target, attempted }: VersionCopying): void {
  const { limits } = target.scope.connection
  const sizes = { entries: record.fileCount, manifestBytes: record.manifest.size }
  for (const limit of ['entries', 'manifestBytes'] as const) {
    if (sizes[limit] <= limits[limit]) continue
    const what = limit === 'entries' ? 'entries' : 'bytes in its manifest'
    throw new TrackwayError(
      'too_large',
      `${attempted}: it has ${sizes[limit]} ${what}, but the target takes ${limits[limit]}; ask its administrator to raise the limit`,
      { details: { limit, maximum: limits[limit] } },
    )
  }
}

/** A version's manifest, parsed and as its original bytes. */
async function readManifest({ source, record, signal }: VersionCopying) {
  const { type, name, tag } = record
  const { connection, team, experiment } = source.scope
  const attempted = `Reading the manifest of ${formatSpec({ type, name, revision: tag })}`
  const { digest } = record.manifest
  let pieces: Uint8Array[] = []
  const parsed = await getManifest(connection, {
    attempted,
    parameters: { team, experiment, type, name, revision: tag },
    record,
    onBegin: () => {
      pieces = []
    },
    onPiece: (piece) => pieces.push(piece),
    signal,
  })
  checkEntries(connection, { attempted, record, entries: parsed.entries })
  return { parsed, manifest: { digest, pieces } }
}
