import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * Makes a program that uses the clock, the timers and the random numbers of its runtime use a scheduler's,
 * until the returned function is called. This affects everything else in the process as well.
 */
export function playGlobals({ clockAndIds }: Pick<Scheduler, 'clockAndIds'>, random: Random): () => void {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: Date.now,
    performanceNow: performance.now.bind(performance),
    random: Math.random,
    randomUUID: crypto.randomUUID.bind(crypto),
  }
  const running = new Map<number, boolean>()
  let timers = 0

  function virtualTimeout(action: (...words: unknown[]) => void, ms = 0, ...words: unknown[]): number {
    const timer = (timers += 1)
    running.set(timer, true)
    void fire()
    return timer

    async function fire(): Promise<void> {
      await clockAndIds.sleep(ms)
      if (running.delete(timer)) action(...words)
    }
  }

  // A timer of the runtime is an object with methods; those who set these timers never use them.
  globalThis.setTimeout = virtualTimeout as unknown as typeof setTimeout
  globalThis.clearTimeout = ((timer: number) => void running.delete(timer)) as unknown as typeof clearTimeout
  Date.now = clockAndIds.now
  performance.now = clockAndIds.now
  Math.random = random.next
  // Of the five groups that the type requires, these have them.
  crypto.randomUUID = random.uuid as unknown as typeof crypto.randomUUID

  return () => {
    globalThis.setTimeout = real.setTimeout
    globalThis.clearTimeout = real.clearTimeout
    Date.now = real.now
    performance.now = real.performanceNow
    Math.random = real.random
    crypto.randomUUID = real.randomUUID
  }
}
