import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { routePath, TrackwayError } from '@trackway/protocol'
import {
  checkStore,
  createApiKey,
  createApp,
  createMemoryStore,
  type App,
  type ObjectStore,
} from '@trackway/server'
import { Artifact, login, type Session } from '@trackway/sdk'
import { createRandom, type Random } from '@trackway/simulation'
import type { Campaign } from '../campaign.ts'
import { objectsOf, storeOf, type Objects } from '../stores/copy-store.ts'

const kinds = {
  blob: /^t\/team\/b\//,
  manifest: /^t\/team\/m\//,
  record: /\/v\/\d{10}\.json$/,
  'alias move': /\/alias\/[^/]+\/\d{10}\.json$/,
  'run state': /\/state\/\d{10}\.json$/,
  experiment: /^t\/team\/e\//,
  'API key': /^auth\/keys\//,
} as const
type Kind = keyof typeof kinds
const kindNames = Object.keys(kinds) as Kind[] // The keys of the table are its names.
const ways = ['flip', 'truncate', 'swap', 'delete'] as const
type Way = (typeof ways)[number]

/** Damages one object of a store, or swaps two, and checks the promises of the client and of `check`. */
export const corruption: Campaign = {
  name: 'corruption',
  title: 'objects flipped, cut, swapped or deleted: never wrong bytes, and check names just what is damaged',
  unit: 'damages',
  quick: 200,
  full: 10_000,
  async run(seed) {
    const random = createRandom(seed)
    const { objects, contents } = await (filled ??= fill())
    const store = await storeOf(objects)
    const choice = choose(random, [...objects.keys()])
    const damaged = await damage(store, choice, { objects, random })
    const refused = await readEverything(store, contents)
    // Damaged data cannot be read, and nothing else is refused: each of these objects belongs to one version.
    const isContent = ['blob', 'manifest', 'record'].includes(choice.kind)
    if (isContent ? refused === 0 || refused > damaged.length : refused > 0)
      throw new Error(`${choice.way} of ${damaged.join(', ')} made ${refused} versions unreadable`)
    const report = await checkStore(store, { readData: true })
    const named = report.damages.map(({ key }) => key).sort()
    if (JSON.stringify(named) !== JSON.stringify(damaged.toSorted()))
      throw new Error(
        `${choice.way} of ${damaged.join(', ')}, but check names ${named.join(', ') || 'nothing'}`,
      )
    return { [`${choice.kind} ${choice.way}`]: 1, 'reads refused': refused }
  },
}

/** The content of every file of every version, by `dataset/a:V1 path`. */
type Contents = ReadonlyMap<string, Uint8Array>

interface Filled {
  objects: Objects
  contents: Contents
}

let filled: Promise<Filled> | undefined

async function openSession(store: ObjectStore, experiment: string): Promise<Session> {
  const app = await createApp({ store, access: { user: 'tester' } })
  const retry = { budgetMs: 2000, firstDelayMs: 1, maxDelayMs: 2 }
  const fetch = (request: Request) => app.fetch(request)
  return login({
    host: 'http://test',
    apiKey: 'tw_test',
    team: 'team',
    experiment,
    fetch,
    retry,
    quiet: true,
  })
}

/** Creates a store with objects of each kind. */
async function fill(): Promise<Filled> {
  const store = createMemoryStore()
  const random = createRandom(7)
  const contents = new Map<string, Uint8Array>()
  for (const experiment of ['first', 'second']) {
    const session = await openSession(store, experiment)
    for (const name of ['train', 'test']) {
      const run = await session.init({ run: name, quiet: true })
      for (let version = 1; version <= 3; version += 1) {
        const artifact = new Artifact('sample', 'dataset')
        for (let file = 0; file < 5; file += 1) {
          const bytes = random.bytes(file === 4 ? 300_000 : 200 + random.below(3000))
          await artifact.add(bytes, { name: `folder/file-${file}` })
        }
        const { tag } = await session.uploadArtifact(artifact)
        for (const entry of artifact.entryList)
          contents.set(`${experiment} ${tag} ${entry.path}`, await entry.bytes())
        for (const alias of ['best', 'production']) await session.setAlias('sample', 'dataset', alias, tag)
      }
      await run.finish()
    }
  }
  await createApiKey(store, { user: 'ada', roles: { team: 'read' } })
  await createApiKey(store, { user: 'grace', roles: { team: 'admin' } })
  return { objects: await objectsOf(store), contents }
}

interface Choice {
  kind: Kind
  way: Way
  keys: string[]
}

/** Draws until an object can be damaged in that way, and the damage can be noticed. */
function choose(random: Random, all: readonly string[]): Choice {
  for (;;) {
    const kind = random.pick(kindNames)
    const way = random.pick(ways)
    const keys = all.filter((key) => kinds[kind].test(key))
    const key = random.pick(keys)
    if (way !== 'delete' && way !== 'swap') return { kind, way, keys: [key] }
    if (way === 'delete') {
      // A key that is gone was revoked; the newest document of a sequence leaves no gap.
      if (
        kind === 'API key' ||
        (isSequence(kind) && keys.find((other) => folderOf(other) === folderOf(key)) === key)
      )
        continue
      return { kind, way, keys: [key] }
    }
    // Two documents of one sequence do not state their place in it.
    const other = random.pick(keys)
    if (other === key || (isSequence(kind) && ownerOf(other) === ownerOf(key))) continue
    return { kind, way, keys: [key, other] }
  }
}

function isSequence(kind: Kind): boolean {
  return kind === 'alias move' || kind === 'run state'
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'))
}

/** What a sequence's document states: the name of its alias or run, and a run's experiment. */
function ownerOf(key: string): string {
  return isOfRun(key) ? folderOf(key) : (folderOf(key).split('/').at(-1) ?? '')
}

function isOfRun(key: string): boolean {
  return kinds['run state'].test(key)
}

/** Returns the keys that are damaged now. */
async function damage(
  store: ObjectStore,
  { way, kind, keys }: Choice,
  { objects, random }: { objects: Objects; random: Random },
): Promise<string[]> {
  const contents = keys.map((key) => objects.get(key)?.slice() ?? new Uint8Array())
  const replaced =
    way === 'swap' ? contents.toReversed() : contents.map((bytes) => spoil(bytes, { way, kind, random }))
  for (const [index, key] of keys.entries()) {
    await store.delete(key)
    if (way !== 'delete') await store.putIfAbsent(key, replaced[index] ?? new Uint8Array())
  }
  return keys
}

function spoil(
  bytes: Uint8Array,
  { way, kind, random }: { way: Way; kind: Kind; random: Random },
): Uint8Array {
  // After the last brace of a document there is only a line feed.
  if (way === 'truncate') return bytes.slice(0, random.below(bytes.length - 1))
  const at = random.below(bytes.length)
  // Documents have no checksum. Turning this bit around makes text that is not UTF-8, which is noticed.
  const bit = kind === 'blob' || kind === 'manifest' ? 1 << random.below(8) : 0x80
  bytes[at] = (bytes[at] ?? 0) ^ bit
  return bytes
}

/** Reads every file of every version: right bytes, or an error. Returns how many were refused. */
async function readEverything(store: ObjectStore, contents: Contents): Promise<number> {
  // Without the user's cache, so that every read sees the stored data.
  const cache = mkdtempSync(join(tmpdir(), 'trackway-corruption-'))
  process.env['XDG_CACHE_HOME'] = cache
  try {
    return await readVersions(store, contents)
  } finally {
    rmSync(cache, { recursive: true })
  }
}

async function readVersions(store: ObjectStore, contents: Contents): Promise<number> {
  let refused = 0
  const app = await createApp({ store, access: { user: 'tester' } })
  for (const experiment of ['first', 'second']) {
    const session = await openSession(store, experiment)
    for (let version = 1; version <= 6; version += 1) {
      await askForVersion(app, experiment, `V${version}`)
      try {
        const artifact = await session.getArtifact('sample', 'dataset', `V${version}`, { experiment })
        if (artifact.entryList.length !== 5)
          throw new Error(`V${version} has ${artifact.entryList.length} entries`)
        for (const entry of artifact.entryList) {
          const expected = contents.get(`${experiment} V${version} ${entry.path}`)
          const bytes = await entry.bytes()
          if (expected === undefined || Buffer.compare(bytes, expected) !== 0)
            throw new Error(`Wrong bytes were returned for ${entry.path} of V${version}`)
        }
      } catch (error) {
        if (!TrackwayError.isInstance(error)) throw error
        refused += 1
      }
    }
  }
  return refused
}

/** Our client checks that a record is the one it asked for. Others may not, so servers must. */
async function askForVersion(app: App, experiment: string, tag: string): Promise<void> {
  const scope = { team: 'team', experiment, type: 'dataset', name: 'sample', revision: tag }
  const response = await app.fetch(new Request(`http://test${routePath('getVersion', scope)}`))
  if (!response.ok) return
  const record: unknown = await response.json()
  if (!isObject(record) || record['experiment'] !== experiment || record['tag'] !== tag)
    throw new Error(`${tag} of ${experiment} is answered with ${JSON.stringify(record)}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
