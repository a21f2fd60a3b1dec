import {
  foldName,
  formatTag,
  parseRevision,
  tagNumber,
  TrackwayError,
  type VersionRecord,
} from '@trackway/protocol'
import { nearestHint } from '@trackway/protocol/nearest'
import { layout, type ArtifactPlace } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Aliases } from './aliases.ts'
import { listArtifactFolders } from './artifact-folders.ts'
import { listObjects } from './listing.ts'
import { findInOtherExperiments } from './other-experiments.ts'
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
  place: ArtifactPlace,
  text: string,
): Promise<VersionRecord> {
  const revision = parseRevision(text)
  switch (revision.kind) {
    case 'latest':
      return resolveLatest(context, place)
    case 'tag':
      return resolveTag(context, place, revision.number)
    case 'alias':
      return resolveAlias(context, place, revision.alias)
    case 'digest':
      return resolveDigest(context, place, revision.hex)
  }
}

async function resolveLatest(context: ResolveContext, place: ArtifactPlace): Promise<VersionRecord> {
  for await (const { number, deleted } of listNumbers(context.store, place))
    if (!deleted) return readRecord(context.store, place, number)
  return refuseArtifact(context, place)
}

async function resolveTag(
  context: ResolveContext,
  place: ArtifactPlace,
  number: number,
): Promise<VersionRecord> {
  const { store } = context
  const [record, deleted] = await Promise.all([
    lookUpRecord(store, place, number),
    isVersionDeleted(store, place, number),
  ])
  if (record === undefined) {
    const latest = await resolveLatest(context, place)
    throw new TrackwayError(
      'not_found',
      `${nameOf(place)} has no version ${formatTag(number)}; the latest is ${latest.tag}`,
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
  place: ArtifactPlace,
  alias: string,
): Promise<VersionRecord> {
  const tag = await context.aliases.current(place, alias)
  if (tag !== null) return resolveTag(context, place, tagNumber(tag) ?? 0)
  if ((await first(listNumbers(context.store, place))) === undefined) await refuseArtifact(context, place)
  const existing = Object.keys(await context.aliases.all(place))
  const hint = nearestHint(alias, existing)
  const has = hint === undefined && existing.length > 0 ? `; it has ${existing.slice(0, 10).join(', ')}` : ''
  throw new TrackwayError('not_found', `${nameOf(place)} has no alias '${alias}'${has}`, {
    details: { aliases: existing },
    hint,
  })
}

async function resolveDigest(
  context: ResolveContext,
  place: ArtifactPlace,
  hex: string,
): Promise<VersionRecord> {
  const found = await findByDigest(context.store, place, hex)
  const digests = new Set(found.map((record) => record.digest))
  if (digests.size > 1) {
    throw new TrackwayError(
      'revision_invalid',
      `More than one version of ${nameOf(place)} has a digest that begins with ${hex}; give more digits`,
      {
        details: { digests: [...digests] },
      },
    )
  }
  const [newest] = found
  if (newest !== undefined) return newest
  if ((await first(listNumbers(context.store, place))) === undefined) await refuseArtifact(context, place)
  throw new TrackwayError(
    'not_found',
    `${nameOf(place)} has no version whose digest begins with sha256:${hex}`,
  )
}

/** Versions with this digest, the newest first: from the hints or, if a crash lost them, from all records. */
async function findByDigest(store: ObjectStore, place: ArtifactPlace, hex: string): Promise<VersionRecord[]> {
  const hinted = new Set<number>()
  for await (const { key } of listObjects(store, { prefix: layout.digestHints(place, hex) })) {
    hinted.add(Number(key.slice(key.lastIndexOf('/') + 1)))
  }
  const found = hinted.size === 0 ? [] : await readMatching(store, place, { hex, only: hinted })
  return found.length > 0 ? found : readMatching(store, place, { hex })
}

async function readMatching(
  store: ObjectStore,
  place: ArtifactPlace,
  { hex, only }: { hex: string; only?: ReadonlySet<number> },
): Promise<VersionRecord[]> {
  const found: VersionRecord[] = []
  for await (const { number, deleted } of listNumbers(store, place)) {
    if (deleted || only?.has(number) === false) continue
    const record = await readRecord(store, place, number)
    if (record.digest.startsWith(`sha256:${hex}`)) found.push(record)
  }
  return found
}

/** The error for a missing artifact, with the experiments that have one of that name, and similar names. */
async function refuseArtifact({ store }: ResolveContext, place: ArtifactPlace): Promise<never> {
  // A failing suggestion must not hide the error.
  const experiments = await findInOtherExperiments(store, place).catch(() => [])
  const specs: string[] = []
  for await (const { type, name } of listArtifactFolders(store, place)) {
    if (specs.push(`${type}/${name}`) === mostCompared) break
  }
  const artifact = `${place.type}/${place.name}`
  const swapped = specs.find((spec) => foldName(spec) === foldName(`${place.name}/${place.type}`))
  const elsewhere = whereElse(experiments)
  const hint = swapped === undefined ? nearestHint(artifact, specs) : undefined
  const other =
    swapped === undefined
      ? elsewhere
      : `, but there is ${swapped}: its type is ${place.name} and its name ${place.type}, so the two were swapped${elsewhere}`
  const message = `There is no artifact ${nameOf(place)}${other}`
  throw new TrackwayError('not_found', message, {
    details: { artifact, experiments, ...(swapped && { swapped }) },
    hint,
  })
}

function whereElse(experiments: readonly string[]): string {
  const last = experiments.at(-1)
  if (last === undefined) return ''
  const others = experiments.slice(0, -1)
  return others.length === 0
    ? `; experiment ${last} has it`
    : `; experiments ${others.join(', ')} and ${last} have it`
}
