import { createRandom, type Random } from '@trackway/simulation'
import { createApp, createMemoryStore } from '@trackway/server'
import { serve } from '@trackway/server/node'
import { add, type Counts } from '../../campaign.ts'
import type { Part } from '../part.ts'
import { calls } from './calls.ts'
import { openLane, type Cell, type Lane, type Truths } from './lane.ts'
import type { Lie } from './lie.ts'
import { liesOfAnswers } from './lies-of-answers.ts'
import { liesOfBlobs } from './lies-of-blobs.ts'
import { liesOfManifests } from './lies-of-manifests.ts'
import { liesOfRecords } from './lies-of-records.ts'

const lies: readonly Lie[] = [...liesOfRecords, ...liesOfManifests, ...liesOfBlobs, ...liesOfAnswers]

/** How many cells of each lie a short run has, and after how many milliseconds it has enough. */
const quick = { calls: 3, ms: 20_000 }
/** The first cell of a short run: a client that believes this lie believes any. */
const first = { lie: 'manifest: of the next version', call: 'getArtifact by digest' }
/** Servers that lie, each to a client of its own. */
const lanes = 2
const mostShown = 40

/** A server that tells each of many lies, and a client that makes every call that reads. */
export const lyingServer: Part = {
  name: 'a lying server',
  async run({ seed, isQuick }) {
    const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' } })
    const good = await serve({ port: 0, app })
    const results = createResults()
    const truths: Truths = new Map()
    const left = [...lies]
    const beOneLane = async () => {
      const lane = await openLane(good.url, truths)
      try {
        await (isQuick ? drawCells(lane, createRandom(seed), results) : tellAll(lane, left, results))
      } finally {
        await lane.close()
      }
    }
    try {
      await Promise.all(Array.from({ length: isQuick ? 1 : lanes }, beOneLane))
    } finally {
      await good.close()
    }
    const { counts, broken } = results
    if (!isQuick) process.stderr.write(results.table())
    if (broken.length > 0)
      throw new Error([`${broken.length} calls:`, ...broken.slice(0, mostShown)].join('\n'))
    return counts
  },
}

/** Tells all lies that are left to every call that meets them. */
async function tellAll(lane: Lane, left: Lie[], results: Results): Promise<void> {
  for (let lie = left.shift(); lie !== undefined; lie = left.shift()) {
    for (const call of calls) results.note(lie, await lane.ask(call, lie))
    add(results.counts, { lies: 1 })
    // Memory that one lie took does not count for the next.
    await lane.rest()
  }
}

/** Tells lies that are drawn to some calls that meet them, until something is broken or the time is over. */
async function drawCells(lane: Lane, random: Random, results: Results): Promise<void> {
  const endsAt = performance.now() + quick.ms
  const isOver = () => performance.now() > endsAt || results.broken.length > 0
  const isFirst = (lie: Lie) => lie.name === first.lie
  const told = [...lies.filter(isFirst), ...shuffled(random, lies)]
  for (const [index, lie] of told.entries()) {
    const wanted = index === 0 ? calls.filter(({ name }) => name === first.call) : shuffled(random, calls)
    let met = 0
    for (const call of wanted) {
      if (met === quick.calls || isOver()) break
      if (results.note(lie, await lane.ask(call, lie))) met += 1
    }
    if (isOver()) return
    add(results.counts, { lies: 1 })
  }
}

interface Results {
  counts: Counts
  /** What must not have happened. */
  broken: string[]
  /** Takes in what came; false: the call does not meet the lie. */
  note(lie: Lie, cell: Cell | undefined): boolean
  /** For docs/reliability.md. */
  table(): string
}

const columns = [
  'cells',
  'errors',
  'right answers',
  'other answers',
  'ended by their signal',
  'most MiB',
  'most ms',
]

function createResults(): Results {
  const rows = new Map<string, Counts>()
  const results: Results = {
    counts: {},
    broken: [],
    note(lie, cell) {
      if (cell === undefined) return false
      const name = lie.name.replace(/:.*/, '')
      const row = rows.get(name) ?? {}
      rows.set(name, row)
      add(row, cell.counts)
      add(results.counts, cell.counts)
      if (cell.problem !== undefined) {
        results.broken.push(cell.problem)
        process.stderr.write(`${cell.problem}\n`)
      }
      return true
    },
    table() {
      const lines = [...rows].map(([name, row]) => [name, ...columns.map((column) => row[column] ?? 0)])
      const head = ['lies about', ...columns]
      return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |\n`).join('')
    },
  }
  return results
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: random.below(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
