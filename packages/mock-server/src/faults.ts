import {
  errorCodes,
  problemMediaType,
  toProblem,
  TrackwayError,
  withoutUndefined,
  type ErrorCode,
} from '@trackway/protocol'
import { amount, callback, checkOptions, other, text, whole, type KindsOf } from '@trackway/protocol/options'

/** Which requests a fault affects. */
export interface FaultMatch {
  /** Default: any. */
  method?: string | undefined
  /** Part of the path, or a pattern for it. Default: any path. */
  path?: string | RegExp | undefined
  /** How many matching requests to skip first. Default: 0. */
  skip?: number | undefined
  /** How many matching requests to affect after that. Default: 1. */
  times?: number | undefined
}

/** What happens to them: one of these. */
export type FaultAction =
  | {
      /**
       * Sends this status instead, as a proxy may; the request has no effect. Clients do not take it
       * for the server's own answer unless `body` is one; use `code` for that.
       */
      status: number
      /** The headers of that answer. Default: none. */
      headers?: Record<string, string> | undefined
      /** The body of that answer. Default: empty. */
      body?: string | undefined
    }
  | {
      /** Fails like the server, such as with `unauthorized` for a revoked key; the request has no effect. */
      code: ErrorCode
    }
  | {
      /**
       * Does this first, which can lose a race: `() => mock.seed(…)` before a version is made takes its tag.
       */
      meanwhile: () => unknown
    }
  | {
      /** Delays the answer by this many milliseconds. */
      delayMs: number
    }
  | {
      /**
       * Cuts the connection: before the request has any effect, after it had all of its effect, or after this
       * many bytes of the answer's body.
       */
      drop: 'before' | 'after' | number
    }
  | {
      /** Ends the answer's body after this many bytes, as if it were complete. */
      truncateAt: number
    }
  | {
      /** Flips one bit in this byte of the answer's body. */
      alterAt: number
    }

/** A fault: the requests that it affects, and what happens to them. */
export type Fault = FaultMatch & FaultAction

/** The faults of a mock. If several match a request, the first one added affects it. */
export interface Faults {
  /**
   * Adds a fault. Throws `option_invalid` unless it has exactly one effect, or if it has the code of an error
   * that no server sends.
   */
  add(fault: Fault): void
  /** Removes all faults. */
  clear(): void
  /** The faults that have not affected a request: a test that ends with some did not test what it claims. */
  readonly unused: readonly Fault[]
}

/** The names of all options of all faults. */
type FaultOptions = {
  [Name in Fault extends infer Each ? (Each extends Each ? keyof Each : never) : never]: unknown
}

const optionKinds = {
  path: other('a part of a path, or a pattern for it', "'/blobs'"),
  method: text('GET'),
  skip: amount(1),
  times: amount(2),
  status: whole(503, 200, 599),
  headers: other('an object of texts', "{ 'retry-after': '1' }"),
  body: text('down for maintenance'),
  code: text('unauthorized'),
  meanwhile: callback("() => mock.seed({ 'dataset/sample': { a: '1' } })"),
  delayMs: amount(100),
  drop: other("'before', 'after' or a number of bytes", "'before'"),
  truncateAt: whole(100),
  alterAt: whole(100),
} satisfies KindsOf<FaultOptions>

const actions = ['status', 'code', 'meanwhile', 'delayMs', 'drop', 'truncateAt', 'alterAt'] as const

interface Waiting {
  fault: Fault
  skip: number
  times: number
  isUsed: boolean
}

/** Keeps the faults of a mock, and selects the one for a request. */
export function createFaults(): Faults & { take(method: string, path: string): Fault | undefined } {
  let waiting: Waiting[] = []
  return {
    add(fault) {
      checkOptions('faults.add', fault, optionKinds)
      const named = actions.filter((action) => Reflect.get(fault, action) !== undefined)
      if (named.length !== 1) {
        throw new TrackwayError(
          'option_invalid',
          `A fault does exactly one of ${actions.join(', ')}; this one names ${named.join(', ') || 'none'}`,
        )
      }
      const action = withoutUndefined(fault)
      if ('code' in action) checkCode(action.code)
      waiting.push({ fault: action, skip: fault.skip ?? 0, times: fault.times ?? 1, isUsed: false })
    },
    clear() {
      waiting = []
    },
    get unused() {
      return waiting.filter(({ isUsed }) => !isUsed).map(({ fault }) => fault)
    },
    take(method, path) {
      for (const candidate of waiting) {
        if (candidate.times <= 0 || !matches(candidate.fault, method, path)) continue
        if (candidate.skip > 0) candidate.skip -= 1
        else {
          candidate.times -= 1
          candidate.isUsed = true
          return candidate.fault
        }
      }
      return undefined
    },
  }
}

function matches(match: FaultMatch, method: string, path: string): boolean {
  if (match.method !== undefined && match.method.toUpperCase() !== method) return false
  if (match.path === undefined) return true
  return typeof match.path === 'string' ? path.includes(match.path) : match.path.test(path)
}

/** The connection was cut on purpose. */
export class DroppedConnection extends TypeError {
  override readonly name = 'DroppedConnection'
}

/** Answers a request according to a fault. `answer` returns the real answer, with all of its effects. */
export async function misbehave(fault: Fault, answer: () => Promise<Response>): Promise<Response> {
  if ('status' in fault)
    return new Response(fault.body ?? null, { status: fault.status, headers: fault.headers ?? {} })
  if ('code' in fault) return refuse(fault.code)
  if ('meanwhile' in fault) {
    await fault.meanwhile()
    return answer()
  }
  if ('delayMs' in fault) {
    await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
    return answer()
  }
  if ('drop' in fault && fault.drop === 'before') throw new DroppedConnection('The mock cut the connection')
  const response = await answer()
  if ('drop' in fault && fault.drop === 'after') {
    await response.body?.cancel()
    throw new DroppedConnection('The mock cut the connection')
  }
  return spoilBody(response, fault)
}

function checkCode(code: ErrorCode): void {
  if (Object.hasOwn(errorCodes, code) && 'status' in errorCodes[code]) return
  throw new TrackwayError(
    'option_invalid',
    `No server sends the code ${code}: only clients throw it, or it is misspelled`,
  )
}

function refuse(code: ErrorCode): Response {
  const problem = toProblem(
    new TrackwayError(code, 'The mock was set up to fail like this'),
    crypto.randomUUID(),
  )
  const headers = { 'content-type': problemMediaType }
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

async function spoilBody(response: Response, fault: Fault): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { status } = response
  const headers = new Headers(response.headers)
  if ('truncateAt' in fault) {
    headers.set('content-length', String(Math.min(fault.truncateAt, bytes.length)))
    return new Response(bytes.subarray(0, fault.truncateAt), { status, headers })
  }
  if ('alterAt' in fault) {
    const value = bytes[fault.alterAt]
    if (value !== undefined) bytes[fault.alterAt] = value ^ 1
    return new Response(bytes, { status, headers })
  }
  const sent = 'drop' in fault && typeof fault.drop === 'number' ? fault.drop : 0
  return new Response(breakingStream(bytes.subarray(0, sent)), { status, headers })
}

/** Streams bytes, then fails. */
function breakingStream(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let given = bytes.length === 0
  return new ReadableStream({
    pull(controller) {
      if (given) controller.error(new DroppedConnection('The mock cut the connection'))
      else controller.enqueue(bytes)
      given = true
    },
  })
}
