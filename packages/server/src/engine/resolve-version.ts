import {
  foldName,
  formatTag,
  parseRevision,
  tagNumber,
  TrackwayError,
  type VersionRecord,
} from '@trackway/protocol'
import { nearestHint } from '@trackway/protocol/nearest'
import { layout, type ArtifactScope } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Aliases } from './aliases.ts'
import { listArtifactFolders } from './artifact-folders.ts'
import { listObjects } from './listing.ts'
import { findInOtherExperiments, whereElse } from './other-experiments.ts'
import {
  deletedVersion,
  first,
  isVersionDeleted,
  listNumbers,
  lookUpRecord,
  nameOf,
  readRecord,
} from './version-records.ts'

const mostCompared = 1000

/** What finding a version depends on. */
export interface ResolveContext {
  store: ObjectStore
  aliases: Aliases
}

/** Finds the version that a revision names. Throws `not_found`, `version_deleted`, `revision_invalid`. */
export async function resolveVersion(
  context: ResolveContext,
  scope: ArtifactScope,
  text: string,
): Promise<VersionRecord> {
  const revision = parseRevision(text)
  switch (revision.kind) {
    case 'latest':
      return resolveLatest(context, scope)
    case 'tag':
      return resolveTag(context, scope, revision.number)
    case 'alias':
      return resolveAlias(context, scope, revision.alias)
    case 'digest':
      return resolveDigest(context, scope, revision.hex)
  }
}

async function resolveLatest(context: ResolveContext, scope: ArtifactScope): Promise<VersionRecord> {
  for await (const { number, deleted } of listNumbers(context.store, scope))
    if (!deleted) return readRecord(context.store, scope, number)
  return refuseArtifact(context, scope)
}

async function resolveTag(
  context: ResolveContext,
  scope: ArtifactScope,
  number: number,
): Promise<VersionRecord> {
  const { store } = context
  const [record, deleted] = await Promise.all([
    lookUpRecord(store, scope, number),
    isVersionDeleted(store, scope, number),
  ])
  if (record === undefined) {
    const latest = await resolveLatest(context, scope)
    throw new TrackwayError(
      'not_found',
      `${nameOf(scope)} has no version ${formatTag(number)}; the latest is ${latest.tag}`,
      {
        details: { latest: latest.tag },
      },
    )
  }
  if (!deleted) return record
  throw deletedVersion(record)
}

async function resolveAlias(
  context: ResolveContext,
  scope: ArtifactScope,
  alias: string,
): Promise<VersionRecord> {
  const tag = await context.aliases.current(scope, alias)
  if (tag !== null) return resolveTag(context, scope, tagNumber(tag) ?? 0)
  if ((await first(listNumbers(context.store, scope))) === undefined) await refuseArtifact(context, scope)
  const existing = Object.keys(await context.aliases.all(scope))
  const hint = nearestHint(alias, existing)
  const has = hint === undefined && existing.length > 0 ? `; it has ${existing.slice(0, 10).join(', ')}` : ''
  throw new TrackwayError('not_found', `${nameOf(scope)} has no alias '${alias}'${has}`, {
    details: { aliases: existing },
    hint,
  })
}

async function resolveDigest(
  context: ResolveContext,
  scope: ArtifactScope,
  hex: string,
): Promise<VersionRecord> {
  const found = await findByDigest(context.store, scope, hex)
  const digests = new Set(found.map((record) => record.digest))
  if (digests.size > 1) {
    throw new TrackwayError(
      'revision_invalid',
      `More than one version of ${nameOf(scope)} has a digest that begins with ${hex}; give more digits`,
      {
        details: { digests: [...digests] },
      },
    )
  }
  const [newest] = found
  if (newest !== undefined) return newest
  if ((await first(listNumbers(context.store, scope))) === undefined) await refuseArtifact(context, scope)
  throw new TrackwayError(
    'not_found',
    `${nameOf(scope)} has no version whose digest begins with sha256:${hex}`,
  )
}

/** Versions with this digest, the newest first: from the hints or, if a crash lost them, from all records. */
async function findByDigest(store: ObjectStore, scope: ArtifactScope, hex: string): Promise<VersionRecord[]> {
  const hinted = new Set<number>()
  for await (const { key } of listObjects(store, { prefix: layout.digestHints(scope, hex) })) {
    hinted.add(Number(key.slice(key.lastIndexOf('/') + 1)))
  }
  const found = hinted.size === 0 ? [] : await readMatching(store, scope, { hex, only: hinted })
  return found.length > 0 ? found : readMatching(store, scope, { hex })
}

async function readMatching(
  store: ObjectStore,
  scope: ArtifactScope,
  { hex, only }: { hex: string; only?: ReadonlySet<number> },
): Promise<VersionRecord[]> {
  const found: VersionRecord[] = []
  for await (const { number, deleted } of listNumbers(store, scope)) {
    if (deleted || only?.has(number) === false) continue
    const record = await readRecord(store, scope, number)
    if (record.digest.startsWith(`sha256:${hex}`)) found.push(record)
  }
  return found
}

/** The error for a missing artifact, with the experiments that have one of that name, and similar names. */
async function refuseArtifact({ store }: ResolveContext, scope: ArtifactScope): Promise<never> {
  // A failing suggestion must not hide the error.
  const prefixIn = (experiment: string) => layout.versions({ ...scope, experiment })
  const experiments = await findInOtherExperiments(store, scope, prefixIn).catch(() => [])
  const specs: string[] = []
  for await (const { type, name } of listArtifactFolders(store, scope)) {
    if (specs.push(`${type}/${name}`) === mostCompared) break
  }
  const artifact = `${scope.type}/${scope.name}`
  const swapped = specs.find((spec) => foldName(spec) === foldName(`${scope.name}/${scope.type}`))
  const elsewhere = whereElse(experiments)
  const hint = swapped === undefined ? nearestHint(artifact, specs) : undefined
  const other =
    swapped === undefined
      ? elsewhere
      : `, but there is ${swapped}: its type is ${scope.name} and its name ${scope.type}, so the two were swapped${elsewhere}`
  const message = `There is no artifact ${nameOf(scope)}${other}`
  throw new TrackwayError('not_found', message, {
    details: { artifact, experiments, ...(swapped && { swapped }) },
    hint,
  })
}
