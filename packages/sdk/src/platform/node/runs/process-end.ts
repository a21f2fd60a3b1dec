import { existsSync } from 'node:fs'
import { messageOf } from '@trackway/protocol'
import type { EndedRun, HowEnded, OpenRun } from '../../run-keeper.ts'
import { sendBlocking } from './sender.ts'

/** Milliseconds for which a process that ends waits for its runs. */
const patienceMs = 4_500

const open = new Set<OpenRun>()
/** Runs whose blocks have just ended, maybe by an error. */
const ended = new Map<EndedRun, () => void>()
/** Those whose blocks did end by an error, if that ends the process. */
const failed = new Set<EndedRun>()
let uncaught: string | undefined
/** When the process stops waiting, once it has begun to. */
let waitsUntil: number | undefined
let isWatching = false

/** See `RunKeeper.whileOpen`. */
export function whileOpen(run: OpenRun): () => void {
  open.add(run)
  waitsUntil = undefined
  watch()
  return () => open.delete(run)
}

/** See `RunKeeper.afterBlock`. */
export function afterBlock(run: EndedRun, onOver: () => void): void {
  ended.set(run, onOver)
  // An error that ends the block is thrown before anything else happens.
  setImmediate(() => {
    ended.delete(run)
    if (!failed.has(run)) onOver()
  })
}

/** None of these handlers changes how the process ends, and none is for a signal. */
function watch(): void {
  if (isWatching) return
  isWatching = true
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    uncaught = messageOf(error)
    for (const run of ended.keys()) failed.add(run)
  })
  process.on('beforeExit', () => void endAll(howEnded(Number(process.exitCode ?? 0))))
  process.on('exit', recordAll)
}

/** The program is over: nothing else keeps the process alive. */
async function endAll(how: HowEnded): Promise<void> {
  if (open.size === 0 || waitsUntil !== undefined) return
  waitsUntil = performance.now() + patienceMs
  const signal = AbortSignal.timeout(patienceMs)
  await Promise.allSettled([...open].map((run) => run.end(how, signal)))
}

/** The process ends at once: nothing asynchronous happens any more. */
function recordAll(code: number): void {
  const how = howEnded(code)
  const recorded = [...open, ...(code === 0 ? [] : failed)].flatMap((run) => {
    const spool = run.record(how)
    return spool === undefined ? [] : [{ run, spool }]
  })
  if (recorded.length === 0) return
  const ms = waitsUntil === undefined ? patienceMs : waitsUntil - performance.now()
  sendBlocking(
    recorded.map(({ spool }) => spool),
    ms,
  )
  for (const { run, spool } of recorded) if (existsSync(spool)) run.kept()
}

function howEnded(code: number): HowEnded {
  if (code === 0) return { state: 'finished' }
  return { state: 'failed', error: uncaught ?? `The process ended with the exit code ${code}` }
}
