import {
  createManifest,
  formatTag,
  sha256,
  type Digest,
  type Manifest,
  type ManifestEntry,
  type Part,
} from '@trackway/protocol'
import { putDocument } from '../src/engine/documents.ts'
import { createApiKey, type ObjectStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { createSigningStore } from '../src/testing/index.ts'
import { bytesOf } from './engine-app.ts'

/** Of 64 KiB, enough to take far more than a turn; of small things, more than a page may have. */
const counts = { heavy: 40, small: 1_010, aliases: 1_500, edges: 1_100, segments: 1_000 }

/** The newest version of the artifact with the most versions. */
export const newest = counts.heavy

const encoder = new TextEncoder()
const time = '2026-11-21T12:00:00.000Z'
const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const stored = { formatVersion: 1, team: 't', experiment: 'e', createdAt: time, createdBy: 'ada' }
const commitId = '00000000-0000-4000-8000-000000000000'
const x = sha256(encoder.encode('x'))

/** JSON of nearly 64 KiB with as many keys as fit, which costs most to read and to check. */
export const heavyObject = Object.fromEntries(
  Array.from({ length: 6_400 }, (_, number) => [number.toString(36).padStart(5, 'k'), 1]),
)

/** Ten thousand points, as many as a segment may have. */
export const heavyPoints = Array.from({ length: 10_000 }, (_, step) => ({
  step,
  key: 'loss',
  value: step / 3,
  time: 1_790_000_000_000 + step,
}))

/** As large as a blob may be. */
export const largeBlob = new Uint8Array(16 * 1024 * 1024).fill(7)

export const digestOf = (number: number): Digest => sha256(encoder.encode(`blob ${number}`))
export const pathOf = (number: number) => `folder/${String(number).padStart(7, '0')}`

/** A manifest of files of one byte, all in one blob that is stored. */
export function manyEntries(count: number, path = pathOf): Manifest {
  const entries = Array.from(
    { length: count },
    (_, number): ManifestEntry => ({ path: path(number), size: 1, digest: x, parts: [[0, 0, 1]] }),
  )
  return createManifest([{ digest: x, size: 1 }], entries)
}

/** A manifest of a file of many blobs, none of which is stored. */
export function manyBlobs(count: number): Manifest {
  const blobs = Array.from({ length: count }, (_, number) => ({ digest: digestOf(number), size: 1 }))
  const parts = blobs.map((_, number): Part => [number, 0, 1])
  return createManifest(blobs, [{ path: pathOf(0), size: count, digest: x, parts }])
}

/** The bytes of a manifest of one file of this size, which has more in its line. */
export function longLine(size: number, more: string): Uint8Array<ArrayBuffer> {
  const [header, blob, entry = ''] = Buffer.from(bytesOf(manyEntries(1)))
    .toString()
    .split('\n')
  const lines = [
    header?.replace('"bytes":1', `"bytes":${size}`),
    blob,
    entry.replace('"size":1', `"size":${size}`).replace(/"parts":.*$/, `${more}}`),
    '',
  ]
  return encoder.encode(lines.join('\n'))
}

/** The bytes of a manifest of one file of this many parts. */
export function manyParts(count: number): Uint8Array<ArrayBuffer> {
  return longLine(count, `"parts":[${'[0,0,1],'.repeat(count - 1)}[0,0,1]]`)
}

/** Bytes and parts of a file that exceeds what is read before a response begins. */
export const longFile = 1_100_000

/** More than are named as missing. */
export const missing = manyBlobs(51_000)

/** A store of everything that is large, and an API key for it. */
export async function openHeavyStore(): Promise<{ store: ObjectStore; key: string }> {
  const { store } = createSigningStore({ origin: () => 'http://bucket.test' })
  const { key } = await createApiKey(store, { user: 'ada', roles: { t: 'admin' } })
  await store.putIfAbsent(layout.blob('t', x), encoder.encode('x'))
  await store.putIfAbsent(layout.blob('t', sha256(largeBlob)), largeBlob)
  await putVersions(store)
  await putAliases(store)
  await putRuns(store)
  await putManifests(store)
  return { store: turning(store), key }
}

/** A store that answers in a later turn of the event loop, as disks and networks do. */
function turning(store: ObjectStore): ObjectStore {
  let next: Promise<void> | undefined
  const turn = () =>
    (next ??= new Promise((resolve) => {
      setImmediate(() => {
        next = undefined
        resolve()
      })
    }))
  return {
    ...store,
    head: (...given) => turn().then(() => store.head(...given)),
    get: (...given) => turn().then(() => store.get(...given)),
    list: (...given) => turn().then(() => store.list(...given)),
    delete: (...given) => turn().then(() => store.delete(...given)),
    putIfAbsent: (...given) => turn().then(() => store.putIfAbsent(...given)),
  }
}

async function each(count: number, work: (number: number) => Promise<unknown>): Promise<void> {
  for (let number = 1; number <= count; number += 1) await work(number)
}

async function putManifest(store: ObjectStore, manifest: Uint8Array) {
  const digest = sha256(manifest)
  await store.putIfAbsent(layout.manifest('t', digest), manifest)
  return { digest: x, manifest: { digest, size: manifest.length }, files: 1, bytes: 1 }
}

/** A version with this name and number, and the given fields. */
async function putRecord(store: ObjectStore, name: string, number: number, more: object): Promise<void> {
  const where = { ...scope, name }
  await putDocument(store, layout.record(where, number), {
    ...stored,
    ...where,
    tag: formatTag(number),
    base: null,
    commitId,
    run: null,
    description: '',
    metadata: {},
    ...more,
  })
}

async function putVersions(store: ObjectStore): Promise<void> {
  const content = await putManifest(store, bytesOf(manyEntries(1)))
  const large = { ...content, metadata: heavyObject }
  await each(counts.heavy, (number) => putRecord(store, scope.name, number, large))
  await each(counts.heavy, (number) => putRecord(store, `a${number}`, 1, large))
  await each(counts.small, (number) => putRecord(store, 'small', number, content))
  const edit = { formatVersion: 1, description: '', metadata: heavyObject, updatedAt: time, updatedBy: 'ada' }
  await each(counts.heavy, (number) => putDocument(store, layout.edit(scope, newest - 1, number), edit))
  await each(counts.small, (number) => {
    const experiment = `x${number}`
    return putDocument(store, layout.experiment({ team: 't', experiment }), { ...stored, experiment })
  })
}

async function putAliases(store: ObjectStore): Promise<void> {
  const move = (alias: string, sequence: number, tag: number) =>
    putDocument(store, layout.aliasMove(scope, alias, sequence), {
      formatVersion: 1,
      alias,
      tag: formatTag(tag),
      movedAt: time,
      movedBy: 'ada',
    })
  await each(counts.aliases, (number) => move(`alias-${number}`, 1, newest))
  await each(counts.aliases, (number) => move('moved', number, 1 + (number % newest)))
}

async function putRuns(store: ObjectStore): Promise<void> {
  const state = (run: string) =>
    putDocument(store, layout.runState({ team: 't', experiment: 'e', run }, 1), {
      ...stored,
      run,
      state: 'running',
      config: heavyObject,
      commitId,
      updatedAt: time,
    })
  await state('long')
  await each(counts.heavy, (number) => state(`r${number}`))
  const lines = heavyPoints.map((point) => `${JSON.stringify(point)}\n`)
  const segments = { large: encoder.encode(lines.join('')), small: encoder.encode(lines[0] ?? '') }
  const long = { team: 't', experiment: 'e', run: 'long' }
  // The first page is of large ones, and so are those from which the next step follows.
  await each(counts.segments, (number) => {
    const isLarge = number <= 20 || number > counts.segments - 20
    const name = `${String(number).padStart(10, '0')}-00000000`
    return store.putIfAbsent(layout.logSegment(long, name), isLarge ? segments.large : segments.small)
  })
  await each(counts.edges, (number) => putEdges(store, number))
}

/** The long run read and made a version, and a run read the newest version. */
async function putEdges(store: ObjectStore, number: number): Promise<void> {
  const reader = { team: 't', experiment: 'e', run: `reader-${number}` }
  const edge = (run: string, name: string, tag: number) => ({
    formatVersion: 1,
    run: { experiment: 'e', run },
    version: { experiment: 'e', type: 'dataset', name, tag: formatTag(tag) },
    createdAt: time,
  })
  await putDocument(store, layout.reader(scope, newest, reader), edge(reader.run, scope.name, newest))
  for (const direction of ['inputs', 'outputs'] as const) {
    const version = { ...scope, name: `n${number}`, number: 1 }
    const key = layout.edge({ ...reader, run: 'long' }, direction, version)
    await putDocument(store, key, edge('long', version.name, 1))
  }
}

async function putManifests(store: ObjectStore): Promise<void> {
  const all = {
    entries: bytesOf(manyEntries(30_000)),
    files: bytesOf(manyEntries(2_000)),
    parts: manyParts(100_000),
    long: manyParts(longFile),
    gone: bytesOf(missing),
    base: bytesOf(missing),
  }
  for (const [name, manifest] of Object.entries(all))
    await putRecord(store, name, 1, await putManifest(store, manifest))
  const deletion = layout.deletion({ ...scope, name: 'gone' }, 1, 1)
  await putDocument(store, deletion, { formatVersion: 1, deletedAt: time, deletedBy: 'ada' })
}
