/** The server of a scenario, and what controls it. */
export interface ClockAndIds {
  /** A mock server on a port. */
  host: string
  apiKey: string
  /** The URL of the control port, which allows pages except under `/closed`. */
  control: string
  /** Plans a fault of the mock for the next requests, by the control port. */
  plan(fault: object): Promise<void>
  /** The number of requests to the server since the last call. */
  countRequests(): Promise<number>
}

/** Something that users do, tested on every runtime. Throws if it fails. */
export type Scenario = (clockAndIds: ClockAndIds) => Promise<void>

/** The result of a scenario. */
export interface Outcome {
  name: string
  /** Milliseconds. */
  ms: number
  /** The error, if it failed. */
  failure?: string
}

const patienceMs = 60_000

/** Runs scenarios one after the other, and reports each when it ends. */
export async function runScenarios(
  scenarios: Record<string, Scenario>,
  clockAndIds: ClockAndIds,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  for (const [name, scenario] of Object.entries(scenarios)) {
    const begin = performance.now()
    const failure = await Promise.race([scenario(clockAndIds), late()]).then(() => undefined, describe)
    const ms = Math.round(performance.now() - begin)
    tell({ name, ms, ...(failure !== undefined && { failure }) })
  }
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`It took longer than ${patienceMs} ms`)), patienceMs)
    if (typeof timer === 'object') timer.unref() // In browsers it is a number, which keeps nothing running.
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Connects to a server and its control port. */
export function clockAndIdsAt({
  host,
  apiKey,
  control,
}: Record<'host' | 'apiKey' | 'control', string>): ClockAndIds {
  return {
    host,
    apiKey,
    control,
    async plan(fault) {
      await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(fault) })
    },
    async countRequests() {
      return Number(await (await fetch(`${control}/requests`)).text())
    },
  }
}

/** Throws unless two values have the same JSON. */
export function equal(actual: unknown, expected: unknown, what = 'The value'): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value))
  if (a !== b) throw new Error(`${what} is ${a?.slice(0, 500)} and should be ${b?.slice(0, 500)}`)
}

/** Throws unless the condition holds. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`It does not hold that ${what}`)
}

/** The error with this code that a promise rejects with. */
export async function errorOf(code: string, promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  )
  const actual = error instanceof Error && 'code' in error ? error.code : undefined
  if (!(error instanceof Error) || actual !== code)
    throw new Error(`The error should have the code ${code} and is: ${describe(error)}`, { cause: error })
  return error
}

/** Pseudo-random bytes, which are the same everywhere. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = Math.imul(seed, 2_654_435_761)
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}
