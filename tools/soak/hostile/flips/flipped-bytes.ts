import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkStore, type ObjectStore } from '@trackway/server'
import { createRandom, type Random } from '@trackway/simulation'
import { add, type Counts } from '../../campaign.ts'
import { storeOf } from '../../stores/copy-store.ts'
import type { Part } from '../part.ts'
import { compare, readByRoutes, readBySdk, type Readings } from './read-bytes.ts'
import { readDocuments, whatReadersSee } from './read-documents.ts'
import { files, fillSmallStore, storeWith, type SmallStore } from './small-store.ts'

/** Kinds of objects by their keys; the first two hold contents, and the others say what of. */
const kinds: readonly [name: string, keys: RegExp][] = [
  ['blob', /^t\/team\/b\//],
  ['manifest', /^t\/team\/m\//],
  ['record', /\/v\/\d{10}\.json$/],
  ['edit of a description', /\.edited\.\d+$/],
  ['deletion, restoration', /\.deleted(\.\d+)?$/],
  ['move of an alias', /\/alias\/[^/]+\/\d{10}\.json$/],
  ['hint of a digest', /\/d\/[0-9a-f]+\/\d+$/],
  ['experiment', /^t\/team\/e\//],
  ['state of a run', /\/state\/\d{10}\.json$/],
  ['segment of a log', /\/log\//],
  ['edge of the lineage', /\/(inputs|outputs|u)\//],
  ['reservation', /^t\/team\/i\//],
  ['API key', /^auth\/keys\//],
  ['format.json', /^format\.json$/],
]
const contents = new Set(['blob', 'manifest'])

/** How many bytes are left out between two that are flipped, in a short run. */
const strides = { contents: 29, sdk: 331, documents: 131 }

/** Every byte of a small store with another bit, one at a time, and all that can read it. */
export const flippedBytes: Part = {
  name: 'flipped bytes',
  async run({ seed, isQuick }) {
    const random = createRandom(seed)
    const store = await fillSmallStore()
    const counts: Counts = {}
    const folder = await mkdtemp(join(tmpdir(), 'trackway-flipped-'))
    try {
      await writeFiles(folder)
      add(counts, await flipContents(store, { random, folder, isQuick }))
      add(counts, await flipDocuments(store, { random, isQuick }))
    } finally {
      await rm(folder, { recursive: true })
    }
    return counts
  },
}

interface Flipping {
  random: Random
  isQuick: boolean
}

interface Flip {
  key: string
  kind: string
  bytes: Uint8Array
  name: string
}

/** Objects of these kinds, each time with one bit of one byte turned around. */
function* flipsOf(
  { objects }: SmallStore,
  isWanted: (kind: string) => boolean,
  { random, stride }: { random: Random; stride: number },
): Generator<Flip> {
  let at = random.below(stride)
  for (const [key, bytes] of objects) {
    const kind = kindOf(key)
    if (!isWanted(kind)) continue
    for (; at < bytes.length; at += stride) {
      const bit = random.below(8)
      const flipped = bytes.slice()
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      yield { key, kind, bytes: flipped, name: `bit ${bit} of byte ${at} of ${key}` }
    }
    at -= bytes.length
  }
}

function kindOf(key: string): string {
  const found = kinds.find(([, keys]) => keys.test(key))
  if (found === undefined) throw new Error(`Nothing is known of the kind of ${key}`)
  return found[0]
}

/** Contents are right, or there is an error, wherever they are read; `check` names what is damaged. */
async function flipContents(
  store: SmallStore,
  { random, folder, isQuick }: Flipping & { folder: string },
): Promise<Counts> {
  const counts: Counts = {}
  const isContent = (kind: string) => contents.has(kind)
  const over = async (read: (flipped: ObjectStore) => Promise<Readings>) => read(await storeOf(store.objects))
  const byRoutes = async (flipped: ObjectStore) => readByRoutes(flipped, store)
  const bySdk = async (flipped: ObjectStore) => readBySdk(flipped, store, folder)
  const ways = [
    {
      read: byRoutes,
      right: await over(byRoutes),
      stride: isQuick ? strides.contents : 1,
    },
    { read: bySdk, right: await over(bySdk), stride: isQuick ? strides.sdk : 1 },
  ]
  for (const { read, right, stride } of ways) {
    for (const { key, kind, bytes, name } of flipsOf(store, isContent, { random, stride })) {
      const flipped = await storeWith(store, key, bytes)
      add(counts, { [`${kind}s flipped`]: 1, ...compare(await read(flipped), right, name) })
      if (read === byRoutes && !(await isNamed(flipped, key)))
        throw new Error(`${name}: check does not name it`)
    }
  }
  return counts
}

/** Whether `check` names just this object. It moves damaged objects away, so it is the last step. */
async function isNamed(store: ObjectStore, key: string): Promise<boolean> {
  const { damages } = await checkStore(store, { readData: true })
  return damages.length === 1 && damages[0]?.key === key
}

/** Nothing protects documents: what is seen of their flips is counted, and printed as a table. */
async function flipDocuments(store: SmallStore, { random, isQuick }: Flipping): Promise<Counts> {
  const whole = await storeOf(store.objects)
  const right = await readDocuments(whole, store)
  const rightBytes = await readByRoutes(whole, store)
  const rows = new Map<string, Counts>()
  const isDocument = (kind: string) => !contents.has(kind)
  const stride = isQuick ? strides.documents : 1
  for (const { key, kind, bytes, name } of flipsOf(store, isDocument, { random, stride })) {
    const flipped = await storeWith(store, key, bytes)
    const seen = whatReadersSee(await readDocuments(flipped, store), right)
    if (kind === 'record') compare(await readByRoutes(flipped, store), rightBytes, name)
    const { damages } = await checkStore(flipped)
    const named = damages.length > 0 ? 'named' : 'not named'
    const row = rows.get(kind) ?? {}
    add(row, { flips: 1, [`${seen}, ${named}`]: 1 })
    rows.set(kind, row)
  }
  if (!isQuick) for (const [kind, row] of rows) process.stderr.write(`${rowOf(kind, row)}\n`)
  const totals: Counts = {}
  for (const row of rows.values())
    add(totals, { 'documents flipped': row['flips'] ?? 0, 'of these unseen': unseen(row) })
  return totals
}

function unseen(row: Counts): number {
  return row['another answer, not named'] ?? 0
}

/** A line of the table in docs/reliability.md. */
function rowOf(kind: string, row: Counts): string {
  const { flips = 0 } = row
  const share = (...names: string[]) => {
    const count = names.reduce((sum, name) => sum + (row[name] ?? 0), 0)
    return `${count} (${Math.round((100 * count) / flips)} %)`
  }
  const cells = [
    kind,
    String(flips),
    share('an error, named', 'another answer, named', 'the same, named'),
    share('an error, not named'),
    share('another answer, not named'),
    share('the same, not named'),
  ]
  return `| ${cells.join(' | ')} |`
}

async function writeFiles(folder: string): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }
}
