import {
  foldName,
  tagNumber,
  TrackwayError,
  type Digest,
  type RetentionAnswer,
  type RetentionRequest,
  type VersionRecord,
} from '@trackway/protocol'
import { keyOfRecord, layout, type ArtifactScope, type ExperimentScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Aliases } from './aliases.ts'
import { listArtifactFolders } from './artifact-folders.ts'
import type { Manifests } from './manifests.ts'
import { inTurns } from './pauses.ts'
import { mark } from './sweep/mark.ts'
import { listNumbers, readRecord } from './version-records.ts'
import type { Versions } from './versions.ts'

const dayMs = 24 * 60 * 60 * 1000

/** Deletes versions by rule. */
export interface Retention {
  /**
   * Deletes the versions of an experiment that the rules match, or only reports them. Versions that an alias
   * points at are kept, and so is the newest version of each artifact.
   */
  apply(scope: ExperimentScope, request: RetentionRequest, author: { user: string }): Promise<RetentionAnswer>
}

interface Context {
  store: ObjectStore
  versions: Versions
  aliases: Aliases
  manifests: Manifests
}

export function createRetention(context: Context): Retention {
  return {
    async apply(scope, request, author) {
      const given: VersionRecord[] = []
      let kept = 0
      for await (const { type, name } of listArtifactFolders(context.store, scope, { type: request.type })) {
        if (request.name !== undefined && name !== foldName(request.name)) continue
        const chosen = await choose(context, { ...scope, type, name }, request)
        for (const record of chosen.given) given.push(record)
        kept += chosen.kept
      }
      const gone: VersionRecord[] = []
      for (const record of given) {
        if (request.dryRun || (await deleteUnlessNamed(context.versions, record, author))) gone.push(record)
      }
      const freedBytes = await bytesOfAlone(context, scope.team, gone)
      const versions = gone.map(({ type, name, tag, size }) => ({ type, name, tag, size }))
      return {
        versions,
        kept: kept + given.length - gone.length,
        freedBytes,
        dryRun: request.dryRun ?? false,
      }
    },
  }
}

/** An alias that was moved there meanwhile keeps a version: the next run reports it. */
async function deleteUnlessNamed(
  versions: Versions,
  record: VersionRecord,
  author: { user: string },
): Promise<boolean> {
  try {
    await versions.delete(record, record.tag, author)
    return true
  } catch (error) {
    if (!TrackwayError.hasCode(error, 'alias_in_use')) throw error
    return false
  }
}

/** The versions of one artifact that all rules match, the oldest first, and how many are kept. */
async function choose(
  { store, aliases }: Context,
  scope: ArtifactScope,
  { keepLast = 1, olderThanDays = 0 }: RetentionRequest,
): Promise<{ given: VersionRecord[]; kept: number }> {
  const named = new Set(Object.values(await aliases.all(scope)).map((tag) => tagNumber(tag)))
  const given: VersionRecord[] = []
  let seen = 0
  for await (const { number, deleted } of listNumbers(store, scope)) {
    if (deleted) continue
    seen += 1
    if (seen <= keepLast || named.has(number)) continue
    const info = await store.head(layout.record(scope, number))
    if (info !== undefined && info.ageMs >= olderThanDays * dayMs)
      given.push(await readRecord(store, scope, number))
  }
  return { given: given.toReversed(), kept: seen - given.length }
}

/** Bytes of blobs and manifests that only these versions use in the team, as far as manifests can be read. */
async function bytesOfAlone(
  { store, manifests }: Context,
  team: string,
  given: VersionRecord[],
): Promise<number> {
  if (given.length === 0) return 0
  const going = new Set(given.map((record) => keyOfRecord(record)))
  const others = await mark({ store, manifests }, team, {
    skipsUnreadable: true,
    counts: (record) => !going.has(record),
  })
  const freed = new Map<Digest, number>()
  for (const { manifest } of given) {
    if (others.manifests.has(manifest.digest) || freed.has(manifest.digest)) continue
    freed.set(manifest.digest, manifest.size)
    const read = await manifests.summarize(team, manifest.digest).catch(() => undefined)
    for await (const blobs of inTurns(read?.blobs ?? []))
      for (const { digest, size } of blobs) if (!others.blobs.has(digest)) freed.set(digest, size)
  }
  return [...freed.values()].reduce((sum, size) => sum + size, 0)
}
