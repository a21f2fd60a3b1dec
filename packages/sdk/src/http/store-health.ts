import { originProbe } from '#platform'

/** Milliseconds until it is clear that the store cannot be reached from here. */
const reachMs = 5_000
/** Failures one after the other that are no coincidence any more. */
const mostFailures = 8
/** Milliseconds until the store is tried again. */
const restMs = 5 * 60_000

/** Whether an object store can be reached from here, past the server, as far as is known. */
export interface StoreHealth {
  /** Whether it is worth trying. */
  isWell(): boolean
  /** Asks an origin, once, whether it answers at all. It is not well for a while if it does not. */
  reaches(origin: string): Promise<boolean>
  succeeded(): void
  /** It is not well for a while where nothing has ever succeeded, or several have failed since. */
  failed(): void
}

/** What is learned with one kind of request. A store that gives may be one that takes nothing. */
export function createStoreHealth(fetch: (request: Request) => Promise<Response>): StoreHealth {
  const asked = new Map<string, Promise<boolean>>()
  let restsUntil = 0
  let hasSucceeded = false
  let failures = 0

  function rest(): void {
    restsUntil = performance.now() + restMs
    hasSucceeded = false
    failures = 0
    asked.clear()
  }

  async function ask(origin: string): Promise<boolean> {
    const answers = await answersInTime(fetch, origin)
    if (!answers) rest()
    return answers
  }

  return {
    isWell: () => performance.now() >= restsUntil,
    reaches(origin) {
      const asking = asked.get(origin) ?? ask(origin)
      asked.set(origin, asking)
      return asking
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

/** Whatever the answer is, it says that somebody is there. Nothing is sent but the question. */
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
