import { fileURLToPath } from 'node:url'
import { start, type Running } from '../../../processes/processes.ts'
import type { Counts } from '../../campaign.ts'
import type { Call } from './call.ts'
import { fillHonestStore } from './honest-store.ts'
import { startLiar } from './liar.ts'
import type { Kind, Lie } from './lie.ts'
import type { FromClient, Outcome, ToClient } from './messages.ts'

const client = fileURLToPath(new URL('client.ts', import.meta.url))
const usualMiB = 300
/** Milliseconds that a call may take. A silent presigned URL takes 30 s, before the server is asked. */
const mostMs = 60_000

/** How long requests to a liar are retried. */
const lyingBudgetMs = 1_000

/** The outcome of a call that met a lie. */
export interface Cell {
  counts: Counts
  /** Why that must not be. */
  problem?: string
}

/** What each call returns from an honest server, and what it requests. */
export type Truths = Map<string, { value: string; kinds: ReadonlySet<Kind> }>

export interface Lane {
  /** Has the client make a call of a server that tells this lie; undefined: the call does not meet it. */
  ask(call: Call, lie: Lie): Promise<Cell | undefined>
  /** Ends the client; the next call has a new one. */
  rest(): Promise<void>
  close(): Promise<void>
}

export async function openLane(goodHost: string, truths: Truths): Promise<Lane> {
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
    const budgetMs = lie === undefined ? 10_000 : lyingBudgetMs
    send(running, { do: 'call', call: call.name, limitMs: mostMs, budgetMs, ...scene })
    await reported(running, 'prepared')
    liar.tell(store, lie)
    send(running, { do: 'continue' })
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
        if (!lie.kinds.some((kind) => kinds.has(kind))) return undefined
        let outcome = await make(call, lie)
        if (outcome.peakMiB > (lie.mostMiB ?? usualMiB)) {
          // Memory that earlier calls took, and their process kept, does not count.
          await end()
          outcome = await make(call, lie)
        }
        const judged = judge(call, outcome, { right, mostMiB: lie.mostMiB })
        if (liar.lies() === 0 && judged.problem === undefined) return undefined
        const { cell, problem } = judged
        const worst = { 'most MiB': Math.round(outcome.peakMiB), 'most ms': Math.round(outcome.ms) }
        return {
          counts: { cells: 1, [cell]: 1, ...worst },
          ...(problem !== undefined && { problem: `${lie.name} → ${call.name}: ${problem}` }),
        }
      } catch (error) {
        await end()
        return { counts: { cells: 1, broken: 1 }, problem: `${lie.name} → ${call.name}: ${String(error)}` }
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

/** The next report of the client, of this kind. Throws if the client has ended, as when memory runs out. */
async function reported(running: Running, wanted: FromClient['is']): Promise<FromClient> {
  const { promise, resolve } = Promise.withResolvers<FromClient>()
  running.child.once('message', resolve)
  const message = await Promise.race([promise, running.ended])
  if (typeof message === 'object' && message?.is === wanted) return message
  throw new Error(
    `The client was to be '${wanted}', and it is ${JSON.stringify(message)}: ${running.output()}`,
  )
}

/** The outcome of a call, and whether it breaks a promise. */
function judge(
  { isPinned, asksElsewhere }: Call,
  { value, code, said, ms, peakMiB }: Outcome,
  { right, mostMiB = usualMiB }: { right: string; mostMiB: number | undefined },
): { cell: string; problem?: string } {
  if (code === 'not a TrackwayError') return { cell: 'broken', problem: `it threw ${said}` }
  if (peakMiB > mostMiB)
    return { cell: 'broken', problem: `it took ${Math.round(peakMiB)} MiB (${code ?? 'a value'})` }
  if (code === 'aborted' && asksElsewhere) return { cell: 'ended by their signal' }
  if (code === 'aborted') return { cell: 'broken', problem: `it was not over after ${Math.round(ms)} ms` }
  if (code !== undefined) return { cell: 'errors' }
  if (value === right) return { cell: 'right answers' }
  if (isPinned) return { cell: 'broken', problem: 'it accepted what is wrong' }
  return { cell: 'other answers' }
}
