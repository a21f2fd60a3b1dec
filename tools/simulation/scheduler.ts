import type { ClockAndIds, ObjectStore } from '@trackway/server'
import type { Random } from './random.ts'

/** A store operation that waits for its turn. */
export interface Waiting {
  /** The program that it belongs to. */
  actor: string
  /** What it does, for people: `putIfAbsent t/a/b`. */
  what: string
}

/** Chooses which of the waiting operations runs next; `last` is the program that had the previous turn. */
export type Choose = (waiting: readonly Waiting[], last: string | undefined) => number

/** Options of a scheduler. */
export interface SchedulerOptions {
  /** Default: any, by `random`. */
  choose?: Choose
  /** Source of names and random choices. */
  random: Random
  /** Milliseconds since 1970 at the beginning. */
  startMs?: number
  /**
   * Resolves when nothing moves by itself any more, or when a program waits for a turn and does not have to
   * wait for the rest. Default: when all promises that can be settled are.
   */
  settle?: (isAnyoneWaiting: () => boolean) => Promise<void>
}

/**
 * Lets programs over one store take turns, one operation at a time, and advances time only when no program
 * can continue: the same random numbers always give the same run.
 */
export interface Scheduler {
  /** The clock and the ids that everything under it must use. */
  readonly clockAndIds: ClockAndIds
  /** The number of turns so far. */
  readonly steps: number
  /** Resolves when it is this program's turn. */
  turn(actor: string, what: string): Promise<void>
  /**
   * The same store, each of whose operations waits for its turn. Bodies of objects are read without waiting.
   */
  takeTurns(store: ObjectStore, actor: string): ObjectStore
  /** Runs programs to their ends. Throws if none of them can continue. */
  run<Result>(programs: readonly (() => Promise<Result>)[]): Promise<PromiseSettledResult<Result>[]>
  /** Advances time at once, for what happens between two runs. */
  pass(ms: number): void
}

interface Turn extends Waiting {
  go(): void
}

interface Sleeper {
  until: number
  wake(): void
}

const defaultStart = Date.UTC(2026, 0, 1)

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { random, startMs = defaultStart, settle = settlePromises } = options
  const choose = options.choose ?? ((waiting) => random.below(waiting.length))
  const waiting: Turn[] = []
  const sleepers: Sleeper[] = []
  let now = startMs
  let steps = 0
  let last: string | undefined

  function turn(actor: string, what: string): Promise<void> {
    return new Promise((resolve) => waiting.push({ actor, what, go: resolve }))
  }

  /** One turn or, if nothing waits for one, the next moment at which a program wakes. */
  function step(): boolean {
    if (waiting.length > 0) {
      const [next] = waiting.splice(choose(waiting, last), 1)
      if (next === undefined) throw new RangeError('The chosen operation is not waiting')
      last = next.actor
      steps += 1
      next.go()
      return true
    }
    const first = sleepers.reduce<Sleeper | undefined>(
      (soonest, sleeper) => (soonest === undefined || sleeper.until < soonest.until ? sleeper : soonest),
      undefined,
    )
    if (first === undefined) return false
    sleepers.splice(sleepers.indexOf(first), 1)
    now = Math.max(now, first.until)
    first.wake()
    return true
  }

  return {
    clockAndIds: {
      now: () => now,
      sleep: (ms) => new Promise((resolve) => sleepers.push({ until: now + ms, wake: resolve })),
      newId: () => random.uuid(),
    },
    get steps() {
      return steps
    },
    pass(ms) {
      now += ms
    },
    turn,
    takeTurns: (store, actor) => inTurns(store, (what) => turn(actor, what)),
    async run(programs) {
      let running = programs.length
      const results = Promise.allSettled(programs.map((program) => program().finally(() => (running -= 1))))
      for (;;) {
        await settle(() => waiting.length > 0)
        if (running === 0) return results
        if (!step() && !(await comes(() => running === 0 || waiting.length > 0 || sleepers.length > 0)))
          throw new Error(`After ${steps} turns ${running} programs wait for something that never happens`)
      }
    },
  }
}

/** Milliseconds of real time in which something arrives that no program takes a turn for. */
const patienceMs = 1_000

/** Whether the result of another thread, such as a derived key, lets a program continue. */
async function comes(isThere: () => boolean): Promise<boolean> {
  for (const end = performance.now() + patienceMs; !isThere() && performance.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 1))
  return isThere()
}

function inTurns(store: ObjectStore, turn: (what: string) => Promise<void>): ObjectStore {
  return {
    description: store.description,
    async get(key, range) {
      await turn(`get ${key}`)
      return store.get(key, range)
    },
    async head(key) {
      await turn(`head ${key}`)
      return store.head(key)
    },
    async putIfAbsent(key, body) {
      await turn(`putIfAbsent ${key}`)
      return store.putIfAbsent(key, body)
    },
    async list(options) {
      await turn(`list ${options.prefix}`)
      return store.list(options)
    },
    async delete(key) {
      await turn(`delete ${key}`)
      return store.delete(key)
    },
  }
}

/** Everything that does not wait for I/O has happened after one round of the event loop. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
