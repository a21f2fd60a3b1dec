import { availableParallelism } from 'node:os'
import type { Crew, Lane } from '../../tasks.ts'
import { createSoloCrew } from '../../solo-crew.ts'
import { tasks } from '../tasks.ts'
import { startThread, type Thread } from './thread.ts'

const mostThreads = 8
/** Milliseconds that threads wait for the next user; they do not keep the process alive. */
const lingerMs = 1000
/** Less than this is done sooner than a thread is started. */
const worthwhile = { bytes: 8 * 1024 * 1024, files: 256 }

let threads: Promise<Thread[] | undefined> | undefined
let users = 0
let ending: NodeJS.Timeout | undefined

/**
 * A crew for so much work: threads, as many as there are processors, which all that goes on in this process shares; or
 * this thread, where the work is little or the runtime starts none.
 */
export async function openCrew(work: { bytes: number; files: number }): Promise<Crew> {
  if (work.bytes < worthwhile.bytes && work.files < worthwhile.files) return createSoloCrew(tasks)
  users += 1
  clearTimeout(ending)
  threads ??= startThreads()
  const started = await threads
  if (started === undefined) {
    users -= 1
    return createSoloCrew(tasks)
  }
  let released = false
  return {
    size: started.length,
    run: (name, input, moved) => leastBusy(started).run(name, input, moved),
    lane: () => lanes(started),
    release() {
      if (released) return
      released = true
      users -= 1
      if (users === 0) ending = setTimeout(() => endThreads(started), lingerMs).unref()
    },
  }
}

/** Undefined where a thread cannot be started, as in a bundle that left its file out. */
async function startThreads(): Promise<Thread[] | undefined> {
  const count = Math.min(Math.max(availableParallelism(), 2), mostThreads)
  const started: Thread[] = []
  try {
    for (let index = 0; index < count; index += 1) started.push(startThread())
    await Promise.all(started.map((thread) => thread.ready))
    return started
  } catch {
    for (const thread of started) thread.end()
    return undefined
  }
}

function endThreads(started: readonly Thread[]): void {
  threads = undefined
  for (const thread of started) thread.end()
}

let lanesGiven = 0

/** In turn, so that two lanes that are taken one after the other are two threads. */
function lanes(started: readonly Thread[]): Lane {
  lanesGiven += 1
  return started[lanesGiven % started.length] ?? leastBusy(started)
}

function leastBusy(started: readonly Thread[]): Thread {
  return started.reduce((least, thread) => (thread.load < least.load ? thread : least))
}
