import { fileURLToPath } from 'node:url'
import { createRandom, type Random } from '@trackway/server/testing'
import { createApp, createMemoryStore } from '@trackway/server'
import { serve } from '@trackway/server/node'
import { add, type Counts } from '../../campaign.ts'
import { start, type Running } from '../../../processes/processes.ts'
import type { Part } from '../part.ts'
import { calls, type Call } from './calls.ts'
import { fillHonestStore } from './honest-store.ts'
import { startLiar } from './liar.ts'
import type { Kind, Lie } from './lie.ts'
import { liesOfAnswers } from './lies-of-answers.ts'
import { liesOfBlobs } from './lies-of-blobs.ts'
import { liesOfManifests } from './lies-of-manifests.ts'
import { liesOfRecords } from './lies-of-records.ts'
import type { FromClient, Outcome, ToClient } from './messages.ts'

const lies: readonly Lie[] = [...liesOfRecords, ...liesOfManifests, ...liesOfBlobs, ...liesOfAnswers]
const client = fileURLToPath(new URL('client.ts', import.meta.url))

const usualMiB = 300
/** Milliseconds that a call may take beside a server that wastes its time. */
const mostMs = 30_000
/** How many calls of each lie a short run makes, and after how many milliseconds it has made enough. */
const quick = { calls: 3, ms: 20_000 }
/** Servers that lie, each to a client of its own. */
const lanes = 3
const mostShown = 40

/** A server that lies in each of many ways, and a client that makes every call that reads. */
export const lyingServer: Part = {
  name: 'a lying server',
  async run({ seed, isQuick }) {
    const random = createRandom(seed)
    const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' } })
    const good = await serve({ port: 0, app })
    const endsAt = performance.now() + (isQuick ? quick.ms : Number.POSITIVE_INFINITY)
    const left = isQuick ? shuffled(random, lies) : [...lies]
    const counts: Counts = {}
    const rows = new Map<string, Counts>()
    const broken: string[] = []
    const truths: Truths = new Map()
    const beOneLane = async () => {
      const lane = await openLane(good.url, truths)
      try {
        for (let lie = left.shift(); lie !== undefined && performance.now() < endsAt; lie = left.shift()) {
          const wanted = isQuick ? shuffled(random, calls).slice(0, quick.calls) : calls
          for (const call of wanted) {
            const { counts: cell, problem } = await lane.ask(call, lie)
            add(counts, cell)
            add(rowOf(rows, lie.name.replace(/:.*/, '')), cell)
            if (problem !== undefined) {
              broken.push(problem)
              process.stderr.write(`${problem}\n`)
            }
          }
          add(counts, { lies: 1 })
          // What one lie took of memory is nothing of the next.
          if (!isQuick) await lane.rest()
        }
      } finally {
        await lane.close()
      }
    }
    try {
      await Promise.all(Array.from({ length: isQuick ? 1 : lanes }, beOneLane))
    } finally {
      await good.close()
    }
    for (const [name, row] of rows) process.stderr.write(`${name}: ${JSON.stringify(row)}\n`)
    if (broken.length > 0)
      throw new Error([`${broken.length} calls:`, ...broken.slice(0, mostShown)].join('\n'))
    return counts
  },
}

/** What each call returns of an honest server, and what it asks for. */
type Truths = Map<string, { value: string; kinds: ReadonlySet<Kind> }>

interface Lane {
  /** Has the client make a call of a server that tells this lie. */
  ask(call: Call, lie: Lie): Promise<{ counts: Counts; problem?: string }>
  /** Ends the client; the next call has a new one. */
  rest(): Promise<void>
  close(): Promise<void>
}

async function openLane(goodHost: string, truths: Truths): Promise<Lane> {
  const liar = await startLiar()
  const elsewhere = `${liar.url}/elsewhere/far.bin`
  const store = await fillHonestStore(elsewhere)
  const { pinned, next } = store
  const scene = {
    host: liar.url,
    goodHost,
    elsewhere,
    pinned: pinned.record.digest,
    next: next.record.digest,
  }
  let running: Running | undefined

  async function make(call: Call, lie: Lie | undefined): Promise<Outcome> {
    if (running === undefined) {
      running = start([...process.execArgv, client])
      await reported(running, 'there')
    }
    liar.tell(store, undefined)
    send(running, { do: 'call', call: call.name, limitMs: mostMs, ...scene })
    await reported(running, 'prepared')
    liar.tell(store, lie)
    send(running, { do: 'go on' })
    const report = await reported(running, 'done')
    if (report.is !== 'done') throw new Error('The client reports another thing')
    return report
  }

  async function truthOf(call: Call) {
    const known = truths.get(call.name)
    if (known !== undefined) return known
    const { value, said } = await make(call, undefined)
    if (value === undefined) throw new Error(`${call.name} fails where nothing is a lie: ${said}`)
    const truth = { value, kinds: liar.asked() }
    truths.set(call.name, truth)
    return truth
  }

  return {
    async ask(call, lie) {
      try {
        const { value: right, kinds } = await truthOf(call)
        if (!lie.kinds.some((kind) => kinds.has(kind))) return { counts: { 'not lied to': 1 } }
        const outcome = await make(call, lie)
        const { cell, problem } = judge(call, outcome, {
          right,
          isTold: liar.lies() > 0,
          mostMiB: lie.mostMiB,
        })
        const worst = { 'most MiB': Math.round(outcome.peakMiB), 'most ms': Math.round(outcome.ms) }
        return {
          counts: { [cell]: 1, ...worst },
          ...(problem !== undefined && { problem: `${lie.name} → ${call.name}: ${problem}` }),
        }
      } catch (error) {
        await end()
        return { counts: {}, problem: `${lie.name} → ${call.name}: ${String(error)}` }
      }
    },
    rest: end,
    async close() {
      await end()
      liar.close()
    },
  }

  async function end(): Promise<void> {
    running?.kill()
    await running?.ended
    running = undefined
  }
}

function send({ child }: Running, message: ToClient): void {
  child.send(message)
}

/** What the client reports next, which has to be this. Throws where it has ended, as for want of memory. */
async function reported(running: Running, wanted: FromClient['is']): Promise<FromClient> {
  const { promise, resolve } = Promise.withResolvers<FromClient>()
  running.child.once('message', resolve)
  const message = await Promise.race([promise, running.ended])
  if (typeof message === 'object' && message?.is === wanted) return message
  throw new Error(
    `The client was to be '${wanted}', and it is ${JSON.stringify(message)}: ${running.output()}`,
  )
}

/** What came of a call, and whether that is what it must not be. */
function judge(
  { isPinned, asksElsewhere }: Call,
  { value, code, said, ms, peakMiB }: Outcome,
  { right, isTold, mostMiB = usualMiB }: { right: string; isTold: boolean; mostMiB: number | undefined },
): { cell: string; problem?: string } {
  if (code === 'not a TrackwayError') return { cell: 'broken', problem: `it threw ${said}` }
  if (peakMiB > mostMiB)
    return { cell: 'broken', problem: `it took ${Math.round(peakMiB)} MiB (${code ?? 'a value'})` }
  if (code === 'aborted' && asksElsewhere) return { cell: 'ended by their signal' }
  if (code === 'aborted') return { cell: 'broken', problem: `it was not over after ${Math.round(ms)} ms` }
  if (!isTold) return { cell: 'not lied to' }
  if (code !== undefined) return { cell: 'errors' }
  if (value === right) return { cell: 'right answers' }
  if (isPinned) return { cell: 'broken', problem: 'it accepted what is wrong' }
  return { cell: 'other answers, which nothing can check' }
}

function rowOf(rows: Map<string, Counts>, name: string): Counts {
  const row = rows.get(name) ?? {}
  rows.set(name, row)
  return row
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: random.below(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
