import { originProbe } from '#platform'
import { withinMs } from '../concurrency/within-ms.ts'

/** Milliseconds until it is clear that the store cannot be reached from here. */
const reachMs = 5_000
/** Milliseconds that a blob waits for that: a nearby store has answered by then. */
const patienceMs = 300
/** Consecutive failures that are not a coincidence any more. */
const mostFailures = 8
/** Milliseconds until the store is tried again. */
const restMs = 5 * 60_000

/** Which origins answer at all, as far as is known. */
export interface Reach {
  /** Asks an origin, once in a while, whether it answers. */
  ask(origin: string): Promise<boolean>
}

export function createReach(fetch: (request: Request) => Promise<Response>): Reach {
  const asked = new Map<string, Promise<boolean>>()

  async function askOrigin(origin: string): Promise<boolean> {
    const answers = await answersInTime(fetch, origin)
    if (!answers) setTimeout(() => asked.delete(origin), restMs).unref?.()
    return answers
  }

  return {
    ask(origin) {
      const asking = asked.get(origin) ?? askOrigin(origin)
      asked.set(origin, asking)
      return asking
    },
  }
}

/** Whether an object store can be reached directly from here, as far as is known. */
export interface StoreHealth {
  /** Whether it is worth trying. */
  isWell(): boolean
  /**
   * Whether an origin is known to answer. Callers do not wait long for that: until it has answered, bytes go
   * through the server. It counts as unhealthy for a while if it does not answer.
   */
  reaches(origin: string): Promise<boolean>
  succeeded(): void
  /** Counts as unhealthy for a while if nothing has ever succeeded, or several requests have failed since. */
  failed(): void
}

/** Health is tracked per kind of request: a store that can be read may not be writable. */
export function createStoreHealth(reach: Reach): StoreHealth {
  const waitedFor = new WeakSet<Promise<boolean>>()
  let restsUntil = 0
  let hasSucceeded = false
  let failures = 0

  function rest(): void {
    restsUntil = performance.now() + restMs
    hasSucceeded = false
    failures = 0
  }

  return {
    isWell: () => performance.now() >= restsUntil,
    async reaches(origin) {
      const asking = reach.ask(origin)
      if (waitedFor.has(asking)) return (await withinMs(0, asking)) === true
      void asking.then((answers) => answers || rest())
      const answers = await withinMs(patienceMs, asking)
      waitedFor.add(asking)
      return answers === true
    },
    succeeded() {
      hasSucceeded = true
      failures = 0
    },
    failed() {
      failures += 1
      if (!hasSucceeded || failures >= mostFailures) rest()
    },
  }
}

/** Any answer shows that the origin is reachable. Only this request is sent, without credentials. */
async function answersInTime(
  fetch: (request: Request) => Promise<Response>,
  origin: string,
): Promise<boolean> {
  const controller = new AbortController()
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => {
    controller.abort()
    resolve(false)
  }, reachMs)
  try {
    const request = new Request(origin, {
      ...originProbe,
      method: 'HEAD',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: controller.signal,
    })
    return await Promise.race([fetch(request).then(() => true), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
