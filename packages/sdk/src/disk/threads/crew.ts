import { availableParallelism } from 'node:os'
import type { Crew, Lane } from '../../tasks/tasks.ts'
import { createSoloCrew } from '../../tasks/solo-crew.ts'
import { tasks } from './tasks.ts'
import { startThread, type Thread } from './thread.ts'

const mostThreads = 8
/** Milliseconds that threads wait for the next user; they do not keep the process alive. */
const lingerMs = 1000
/** Less work than this is done sooner than a thread is started. */
const worthwhile = { bytes: 8 * 1024 * 1024, files: 256 }

/** Threads that are shared by everything in this process. */
interface Pool {
  threads: readonly Thread[]
  users: number
  ending?: NodeJS.Timeout
}

let current: Promise<Pool | undefined> | undefined

/**
 * A crew for this much work: as many threads as there are processors; or this thread, if there is little work
 * or the runtime starts no threads.
 */
export async function openCrew(work: { bytes: number; files: number }): Promise<Crew> {
  if (work.bytes < worthwhile.bytes && work.files < worthwhile.files) return createSoloCrew(tasks)
  const pool = await livePool()
  return pool === undefined ? createSoloCrew(tasks) : join(pool)
}

async function livePool(): Promise<Pool | undefined> {
  const asked = (current ??= startPool())
  const pool = await asked
  if (pool === undefined || pool.threads.every((thread) => thread.isAlive)) return pool
  // It was ended, or one of its threads broke down; users of the other threads continue, and the last one
  // ends them.
  if (current === asked) current = startPool()
  return livePool()
}

function join(pool: Pool): Crew {
  const { threads } = pool
  pool.users += 1
  clearTimeout(pool.ending)
  let released = false
  return {
    size: threads.length,
    run: (name, input, moved) => leastBusy(threads).run(name, input, moved),
    lane: () => nextLane(threads),
    release() {
      if (released) return
      released = true
      pool.users -= 1
      if (pool.users === 0) pool.ending = setTimeout(() => end(pool.threads), lingerMs).unref()
    },
  }
}

/** Undefined if a thread cannot be started, as in a bundle without its file. */
async function startPool(): Promise<Pool | undefined> {
  const count = Math.min(Math.max(availableParallelism(), 2), mostThreads)
  const threads: Thread[] = []
  try {
    for (let index = 0; index < count; index += 1) threads.push(startThread())
    await Promise.all(threads.map((thread) => thread.ready))
    return { threads, users: 0 }
  } catch {
    end(threads)
    return undefined
  }
}

function end(threads: readonly Thread[]): void {
  for (const thread of threads) thread.end()
}

let lanesGiven = 0

/** In turn, so that two lanes that are taken one after the other are two threads. */
function nextLane(threads: readonly Thread[]): Lane {
  lanesGiven += 1
  return threads[lanesGiven % threads.length] ?? leastBusy(threads)
}

function leastBusy(threads: readonly Thread[]): Thread {
  return threads.reduce((least, thread) => (thread.load < least.load ? thread : least))
}
