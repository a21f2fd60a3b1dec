import {
  formatSpec,
  type Digest,
  type ListedVersion,
  type Manifest,
  type VersionRecord,
} from '@trackway/protocol'
import { commitManifest, type Commit } from '../upload/commit-version.ts'
import type { Meter } from '../calls/meter.ts'
import { createLimit } from '../concurrency/run-limited.ts'
import { findMissing, sendBlobs, sendNewBlobs } from '../upload/send-blobs.ts'
import type { ArtifactScope } from './artifact-scope.ts'
import { copyBlobs, type BlobCopying } from './copy-blobs.ts'

/** A version that the target does not have. */
export interface VersionCopying {
  source: ArtifactScope
  target: ArtifactScope
  record: VersionRecord
  /** The version at the target that this one is made from. */
  base: ListedVersion | undefined
  /** A version at the target that may share blobs with it, and is not deleted. */
  known: ListedVersion | undefined
  request: Omit<Commit['request'], 'base'>
  /** Blobs that the target is known to have. Grows. */
  knownBlobs: Set<Digest>
  attempted: string
  concurrency: number
  meter: Meter
  signal?: AbortSignal | undefined
}

/** The version at the target, and how many bytes of blobs were sent for it. */
export interface CopiedVersion {
  record: VersionRecord
  uploadedBytes: number
}

/** Copies a manifest byte for byte, and those of its blobs that the target lacks. */
export async function copyVersion(
  copying: VersionCopying,
  { blobs }: Manifest,
  manifest: Commit['manifest'],
): Promise<CopiedVersion> {
  const { source, target, record, base, known, knownBlobs, attempted, concurrency, meter, signal } = copying
  const { scope } = target
  const wanted = blobs.map(({ digest }) => digest).filter((digest) => !knownBlobs.has(digest))
  const missing = await findMissing({ scope, attempted, signal }, wanted)
  const left = blobs.filter(({ digest }) => missing.has(digest))
  const leftBytes = left.reduce((sum, { size }) => sum + size, 0)
  const reusedBytes = Math.max(0, record.size - leftBytes)
  // A blob is copied as a whole, even if the version uses little of it.
  meter.resize(record.size, Math.max(record.size, leftBytes))
  meter.add({ bytes: reusedBytes, reusedBytes })

  let uploadedBytes = 0
  const countSent = (bytes: number) => void (uploadedBytes += bytes)
  const copyingBlobs: Omit<BlobCopying, 'send'> = {
    source: { ...source.scope, version: record },
    target: scope,
    label: formatSpec({ ...record, revision: record.tag }),
    attempted,
    concurrency,
    onSent(bytes) {
      countSent(bytes)
      meter.add({ bytes })
    },
    signal,
  }
  const limit = createLimit(concurrency)
  await copyBlobs({ ...copyingBlobs, send: (context, batch) => sendNewBlobs(context, batch, limit) }, left)
  for (const digest of wanted) knownBlobs.add(digest)
  meter.enter('commit')
  const version = await commitManifest({
    ...target,
    attempted,
    manifest,
    known,
    request: { ...copying.request, base: base?.tag ?? null },
    async supply(digests) {
      const lost = new Set(digests)
      // The manifest is stored by then, so these are sent through the server, which checks the sweep marker.
      const again = { ...copyingBlobs, send: sendBlobs, onSent: countSent }
      await copyBlobs(
        again,
        blobs.filter(({ digest }) => lost.has(digest)),
      )
    },
    signal,
  })
  meter.add({ files: record.fileCount })
  return { record: version, uploadedBytes }
}
