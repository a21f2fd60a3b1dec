import { concatenateBytes } from '@trackway/protocol'
import { redirect } from '#platform'
import type { MakeBody } from '../platform/request-body.ts'
import type { Receiver } from './request.ts'

const mostFailureBytes = 1024 * 1024

/** One attempt to get an answer. */
export interface Attempt {
  fetch: (request: Request) => Promise<Response>
  makeBody?: MakeBody | undefined
  /** Milliseconds without a byte in either direction after which the attempt counts as stuck. */
  stallMs: number
  receiver: Receiver
  /** The request, apart from method, headers and body. */
  init?: RequestInit | undefined
  /** Checks a success before its body is read. An error that it throws fails the attempt. */
  accept?: ((response: Response) => void) | undefined
}

/** No byte moved for so long that waiting further makes no sense. */
export class StalledError extends TypeError {
  override readonly name = 'StalledError'
}

/** The server redirects to another place, where the key must not be sent. */
export class RedirectError extends TypeError {
  override readonly name = 'RedirectError'
}

/** Sends a request and reads its whole answer, so that a truncated answer fails the attempt. */
export async function makeAttempt(request: Request, attempt: Attempt): Promise<Response> {
  const watch = watchForStall(attempt.stallMs, request)
  attempt.receiver.begin()
  try {
    request.signal.throwIfAborted()
    const response = await watch.race(attempt.fetch(prepare(request, attempt, watch)))
    if (response.type === 'opaqueredirect') throw new RedirectError('unexpected redirect')
    if (response.status === 304 && attempt.receiver.unchanged !== undefined) {
      attempt.receiver.unchanged()
      return new Response(null, { status: 200, headers: response.headers })
    }
    if (!response.ok) return await readFailure(response, watch)
    attempt.accept?.(response)
    await readBody(response, attempt.receiver, watch)
    attempt.receiver.end(response.headers)
    return new Response(null, { status: 200, headers: response.headers })
  } finally {
    watch.stop()
  }
}

function prepare(request: Request, { makeBody, init: given }: Attempt, watch: StallWatch): Request {
  const { body, headers = {} } = makeBody?.() ?? { body: null }
  const all = new Headers(request.headers)
  for (const [name, value] of Object.entries(headers)) all.set(name, value)
  // `duplex` is in the standard but not in the types yet: a stream is sent before the answer is read.
  // `redirect` keeps the key from another origin, and keeps the runtime from buffering the whole body to send
  // it there.
  const init: RequestInit & { duplex: 'half' } = {
    redirect,
    ...given,
    method: request.method,
    headers: all,
    signal: watch.signal,
    duplex: 'half',
  }
  return new Request(request.url, body === null ? init : { ...init, body: watch.passing(body) })
}

/**
 * An answer that is not a success, with the body that explains it. A body that is too long for that is not
 * read on.
 */
async function readFailure(response: Response, watch: StallWatch): Promise<Response> {
  if (response.body === null) return response
  const pieces: Uint8Array[] = []
  let size = 0
  const receiver: Receiver = {
    begin() {},
    receive(piece) {
      size += piece.length
      if (size > mostFailureBytes) throw new TooLongError()
      pieces.push(piece)
    },
    end() {},
  }
  await readBody(response, receiver, watch).catch(unlessTooLong)
  const { status, headers } = response
  return new Response(new TextDecoder().decode(concatenateBytes(pieces)), { status, headers })
}

class TooLongError extends Error {}

function unlessTooLong(error: unknown): void {
  if (!(error instanceof TooLongError)) throw error
}

async function readBody(response: Response, receiver: Receiver, watch: StallWatch): Promise<void> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await watch.race(reader.read())
      if (done) return
      watch.moved()
      const taking = receiver.receive(value)
      if (taking === undefined) continue
      watch.rest()
      const answer = await watch.race(taking)
      watch.moved()
      if (answer === 'enough') return void reader.cancel().catch(() => {})
    }
  } catch (error) {
    void reader.cancel().catch(() => {})
    throw error
  }
}

interface StallWatch {
  readonly signal: AbortSignal
  moved(): void
  /** No timeout is counted until something has moved. */
  rest(): void
  /** Settles as the promise does, or rejects when nothing moved for too long or the caller canceled. */
  race<T>(promise: Promise<T>): Promise<T>
  /** A body whose pieces, when they are consumed, count as movement. */
  passing(body: BodyInit): BodyInit
  stop(): void
}

/**
 * The request is kept until the attempt is over: Node's own request follows its caller's signal only as long
 * as it is reachable, and the signal does not keep it reachable.
 */
function watchForStall(stallMs: number, request: Request): StallWatch {
  const controller = new AbortController()
  // The current waiter. One promise that all of them raced with would retain each of their results.
  const waiting = new Set<(error: unknown) => void>()
  let failure: { error: unknown } | undefined
  // An app in this process ignores the signal, so its caller does not wait for it.
  const fail = (error: unknown) => {
    failure ??= { error }
    for (const reject of waiting) reject(error)
    controller.abort(error)
  }
  const stall = () => fail(new StalledError(`no byte came or went for ${stallMs / 1000} seconds`))
  const abort = () => fail(request.signal.reason)
  request.signal.addEventListener('abort', abort)
  let timer = setTimeout(stall, stallMs)
  let isOver = false
  const moved = () => {
    clearTimeout(timer)
    // A body may still be read after its attempt has failed: that must not keep the process alive.
    if (!isOver) timer = setTimeout(stall, stallMs)
  }
  return {
    signal: controller.signal,
    moved,
    rest: () => clearTimeout(timer),
    async race<T>(promise: Promise<T>): Promise<T> {
      const { promise: raced, resolve, reject } = Promise.withResolvers<T>()
      waiting.add(reject)
      promise.then(resolve, reject)
      if (failure !== undefined) reject(failure.error)
      try {
        return await raced
      } finally {
        waiting.delete(reject)
      }
    },
    passing: (body) => (isStream(body) ? body.pipeThrough(passThrough(moved)) : body),
    stop() {
      isOver = true
      clearTimeout(timer)
      request.signal.removeEventListener('abort', abort)
    },
  }
}

/** Not checked by class, which may be another realm's. */
function isStream(body: BodyInit): body is ReadableStream {
  return typeof body === 'object' && 'getReader' in body
}

function passThrough(moved: () => void): TransformStream {
  return new TransformStream({
    transform(piece, controller) {
      moved()
      controller.enqueue(piece)
    },
  })
}
