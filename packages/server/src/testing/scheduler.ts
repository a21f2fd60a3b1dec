import type { Surroundings } from '../engine/surroundings.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { Random } from './random.ts'

/** An operation of a store that waits for its turn. */
export interface Waiting {
  /** Whose it is. */
  actor: string
  /** What it does, for people: `putIfAbsent t/a/b`. */
  what: string
}

/** Says which of those that wait goes next; `last` is whose turn it was. */
export type Choose = (waiting: readonly Waiting[], last: string | undefined) => number

/** How a scheduler is made. */
export interface SchedulerOptions {
  /** Default: any, by `random`. */
  choose?: Choose
  /** Names, and what happens by chance. */
  random: Random
  /** Milliseconds since 1970 at the beginning. */
  startMs?: number
  /**
   * Resolves when nothing moves by itself any more, or when somebody waits for a turn and need not wait for the rest.
   * Default: when all promises that can be settled are.
   */
  settle?: (isAnyoneWaiting: () => boolean) => Promise<void>
}

/**
 * Lets programs over one store take turns, one operation at a time, and lets time pass only when it says so: the same
 * random numbers give the same run, whichever it is.
 */
export interface Scheduler {
  /** The clock and the names that everything under it has to use. */
  readonly surroundings: Surroundings
  /** How many turns were taken. */
  readonly steps: number
  /** Resolves when it is this actor's turn to do something. */
  turn(actor: string, what: string): Promise<void>
  /** The same store, each of whose operations waits for its turn. Bodies of objects are read without waiting. */
  takeTurns(store: ObjectStore, actor: string): ObjectStore
  /** Runs programs to their ends. Throws where none of them can go on. */
  run<Result>(programs: readonly (() => Promise<Result>)[]): Promise<PromiseSettledResult<Result>[]>
  /** Lets time pass at once, for what happens between two runs. */
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

  /** One turn, or, where nobody waits for one, the next moment at which somebody wakes. */
  function step(): boolean {
    if (waiting.length > 0) {
      const [next] = waiting.splice(choose(waiting, last), 1)
      if (next === undefined) throw new RangeError('The one that was chosen does not wait')
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
    surroundings: {
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
          throw new Error(`After ${steps} turns ${running} programs wait for something that never comes`)
      }
    },
  }
}

/** Milliseconds of the world's own time in which something comes that nobody takes a turn for. */
const patienceMs = 1_000

/** Whether what a thread works on, such as a key that is derived, brings somebody on. */
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

/** Everything that follows without waiting for the world has happened when the event loop comes round. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
