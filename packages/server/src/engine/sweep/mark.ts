import { recordSchema, reservationSchema, TrackwayError, type Digest } from '@trackway/protocol'
import pLimit from 'p-limit'
import { deletionOfKey, isRecordKey, keyOfRecord, layout, numberOfKey } from '../../layout.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { readDocument } from '../documents.ts'
import { listFolders, listObjects } from '../listing.ts'
import type { Manifests } from '../manifests.ts'
import { inTurns } from '../pauses.ts'
import { isDeleted, newestDeletion } from '../version-records.ts'

/** How long unneeded data is kept: blobs and manifests, deleted versions, reservations. A week. */
export const graceMs = 7 * 24 * 60 * 60 * 1000

const concurrentReads = 32
/** Each may have a million entries. */
const concurrentManifests = 4

/** What marking depends on. */
export interface MarkContext {
  store: ObjectStore
  manifests: Manifests
}

/** What is needed. */
export interface Marked {
  manifests: Set<Digest>
  blobs: Set<Digest>
  /** Manifests whose blobs are among these. One that was missing may come back, and must be read then. */
  read: Set<Digest>
  /** Records that were listed, whether deleted or not. */
  records: number
  /** Versions among them that keep what they use. */
  versions: number
}

export interface MarkOptions {
  /** An earlier mark: the manifests that it read do not have to be read again. */
  before?: Marked | undefined
  /** Whether to count the version of a record's key. Default: all. */
  counts?: ((record: string) => boolean) | undefined
  /** Continues if a manifest cannot be read: for an estimate, never for a sweep. Default: false. */
  skipsUnreadable?: boolean | undefined
}

/** A version according to its keys. */
interface ListedVersion {
  /** Its record's key. */
  record: string
  deletion: { sequence: number; ageMs: number }
}

/**
 * Marks what a team needs: what reservations and versions use, including deleted versions in their grace
 * period.
 *
 * Lists reservations first, then records, then again the deletions of versions: in the order in which a
 * writer proceeds, so that nothing moves from a later part of the listing to an earlier one.
 */
export async function mark(
  context: MarkContext,
  team: string,
  { before, counts = () => true, skipsUnreadable = false }: MarkOptions = {},
): Promise<Marked> {
  const { store } = context
  // Rule: what a writer has reserved is needed.
  const reserved = await readReserved(store, team)
  const listed = await listVersions(store, team)
  const needed = (await dropLongDeleted(store, listed)).filter(({ record }) => counts(record))
  const marked: Marked = {
    manifests: new Set(),
    blobs: new Set(before?.blobs),
    // Rule: a manifest that was missing is read again.
    read: new Set(before?.read),
    records: listed.length,
    versions: needed.length,
  }
  const used = await readMany(needed, async ({ record }) => {
    const document = await readDocument(store, record, recordSchema)
    // A record in the wrong place does not tell which version it belongs to.
    if (document === undefined || keyOfRecord(document) !== record)
      throw new TrackwayError(
        'integrity_error',
        `The record ${record} is missing from the store, or belongs to another version`,
      )
    return document.manifest.digest
  })
  const read = pLimit(concurrentManifests)
  const note = async (digest: Digest, isVersion: boolean) => {
    if (marked.manifests.has(digest)) return
    marked.manifests.add(digest)
    if (marked.read.has(digest)) return
    const manifest = await context.manifests.summarize(team, digest).catch(async (error: unknown) => {
      // A reservation whose manifest a sweep deleted no longer protects anything: its request starts again.
      if (skipsUnreadable) return undefined
      if (isVersion) throw error
      if ((await store.head(layout.manifest(team, digest))) === undefined) return undefined
      // It was restored just now, or it is damaged, which reading it once more tells.
      return context.manifests.summarize(team, digest)
    })
    if (manifest === undefined) return
    for await (const blobs of inTurns(manifest.blobs)) for (const blob of blobs) marked.blobs.add(blob.digest)
    marked.read.add(digest)
  }
  // Versions first: a manifest that one of them has must exist.
  await Promise.all(used.map((digest) => read(() => note(digest, true))))
  await Promise.all(reserved.map((digest) => read(() => note(digest, false))))
  return marked
}

async function readReserved(store: ObjectStore, team: string): Promise<Digest[]> {
  const keys: string[] = []
  for await (const { key } of listObjects(store, { prefix: layout.reservations(team) }))
    if (key.endsWith('.json')) keys.push(key)
  const documents = await readMany(keys, (key) => readDocument(store, key, reservationSchema))
  // A reservation that is gone by now was released after its record, which is listed later.
  return documents.flatMap((document) => document?.manifest ?? [])
}

async function listVersions(store: ObjectStore, team: string): Promise<ListedVersion[]> {
  const versions: ListedVersion[] = []
  for await (const folder of listVersionFolders(store, team)) {
    let last = { of: 0, sequence: 0, ageMs: 0 }
    for await (const { key, ageMs } of listObjects(store, { prefix: folder })) {
      const of = numberOfKey(key)
      const sequence = deletionOfKey(key)
      if (last.of !== of) last = { of, sequence: 0, ageMs: 0 }
      if (isRecordKey(key)) versions.push({ record: key, deletion: last })
      else if (sequence > last.sequence) last = { of, sequence, ageMs }
    }
  }
  return versions
}

/** The folders of records of every artifact of a team. */
export async function* listVersionFolders(store: ObjectStore, team: string): AsyncGenerator<string> {
  for await (const experiment of listFolders(store, { prefix: layout.artifactExperiments(team) }))
    for await (const type of listFolders(store, { prefix: experiment }))
      for await (const name of listFolders(store, { prefix: type })) yield `${name}v/`
}

/**
 * Versions that are not deleted, or only recently. Checks the others again: one may have been restored since.
 */
async function dropLongDeleted(store: ObjectStore, listed: ListedVersion[]): Promise<ListedVersion[]> {
  const kept = await readMany(listed, async (version) => {
    if (!isLongDeleted(version.deletion)) return version
    const last = await newestDeletion(store, version.record.replace(/\.json$/, '.deleted'))
    const isStill = last !== undefined && isLongDeleted({ ...last, ageMs: last.info.ageMs })
    return isStill ? undefined : version
  })
  return kept.filter((version) => version !== undefined)
}

function isLongDeleted({ sequence, ageMs }: { sequence: number; ageMs: number }): boolean {
  // Rule: a deleted version keeps its data for a week.
  return isDeleted(sequence) && ageMs >= graceMs
}

function readMany<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const limit = pLimit(concurrentReads)
  return Promise.all(items.map((item) => limit(() => read(item))))
}
