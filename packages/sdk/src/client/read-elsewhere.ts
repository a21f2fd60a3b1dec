import { isTransientStatus, TrackwayError } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import ky, { HTTPError } from 'ky'
import { AbortedError } from '../errors.ts'
import { makeAttempt } from './attempt.ts'
import type { Elsewhere } from './elsewhere.ts'
import { lastingReason, leadsNowhere } from './failure.ts'
import type { Receiver } from './request.ts'
import { asksTooLong, retryOptions } from './retry.ts'
import { explainFailure, stallMs } from './send.ts'

/** Which bytes at an address are needed. */
export interface WantedBytes {
  /** The beginning of the message of an error, such as `Reading a.csv at https://host/a.csv`. */
  attempted: string
  url: URL
  /** The first byte. */
  start: number
  /** The exclusive end offset; undefined: the end of the file. */
  end: number | undefined
  /** The size of the whole file in bytes; undefined if it is not known yet. */
  size: number | undefined
  /** The error for content that has changed: `actual` says how many bytes it has. */
  changed(actual: string): TrackwayError
  /** Milliseconds within which the first byte must arrive. Default: the limit of the retry policy. */
  patienceMs?: number | undefined
  signal?: AbortSignal | undefined
}

/**
 * Reads over http and https. Follows redirects. An interrupted transfer is resumed, by a range if the server
 * supports ranges; the time limit of the retry policy restarts with every byte. Nothing is read beyond what
 * is needed.
 */
export async function* readElsewhere(
  elsewhere: Elsewhere,
  wanted: WantedBytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { start, end, size } = wanted
  if (end !== undefined && end < (size ?? Number.POSITIVE_INFINITY) && start >= end) return
  const stop = new AbortController()
  // Each piece is consumed before the next one is requested.
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const reader = readable.getReader()
  const receiving = receive(elsewhere, { ...wanted, stop: stop.signal, give: (piece) => writer.write(piece) })
  const done = receiving.then(
    () => writer.close(),
    (error: unknown) => writer.abort(error),
  )
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    stop.abort()
    await reader.cancel().catch(() => {}) // Its failure was already reported.
    await done.catch(() => {})
  }
}

interface Receiving extends WantedBytes {
  /** Ends it when the bytes are not consumed any more. */
  stop: AbortSignal
  give(piece: Uint8Array): Promise<void>
}

/**
 * ky copies its request for each attempt, and each copy listens to the one before: an abort would run through
 * more than a thousand of them on one stack, and overflow it.
 */
const attemptsOfOneCall = 100

async function receive({ fetch, retry }: Elsewhere, receiving: Receiving): Promise<void> {
  const { url, signal, stop, patienceMs } = receiving
  const reading = createReading(receiving)
  let failures = 0
  let failedAt = reading.progress().at
  let last: unknown
  let attempts = 0

  function hasTime(): boolean {
    const { at, hasBegun } = reading.progress()
    failures = at > failedAt ? 1 : failures + 1
    failedAt = performance.now()
    const budgetMs = hasBegun ? retry.budgetMs : Math.min(retry.budgetMs, patienceMs ?? retry.budgetMs)
    return failedAt - at < budgetMs
  }

  function mayRetry(error: Error): boolean {
    last = error
    if (signal?.aborted || stop.aborted || TrackwayError.isInstance(error) || !hasTime()) return false
    if (error instanceof HTTPError)
      return isTransientStatus(error.response.status) && !asksTooLong(error, retry.budgetMs)
    return !leadsNowhere(error) && !lastingReason(error)
  }

  function call(): Promise<unknown> {
    attempts = 0
    return ky(url, {
      timeout: false,
      signal: anySignal(signal, stop),
      fetch: (input) =>
        makeAttempt(new Request(input, { headers: reading.headers() }), {
          fetch,
          stallMs,
          receiver: reading.receiver,
          accept: reading.accept,
          init: { redirect: 'follow', credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' },
        }),
      retry: retryOptions(
        retry,
        (error) => mayRetry(error) && ++attempts < attemptsOfOneCall,
        () => failures,
      ),
    }).catch((error: unknown) => {
      if (attempts < attemptsOfOneCall) throw error
      return call()
    })
  }

  try {
    await call()
  } catch (error) {
    throw await explain(last ?? error, receiving)
  }
}

/** Failures that are worth another attempt. */
class BrokenOffError extends TypeError {
  override readonly name = 'BrokenOffError'
}

interface Reading {
  /** What the next attempt requests. */
  headers(): Headers
  accept(this: void, response: Response): void
  receiver: Receiver
  /** When the last byte arrived, or the reading began. */
  progress(): { at: number; hasBegun: boolean }
}

/** The progress so far, and how each attempt continues from there. */
function createReading({ attempted, url, start, end, size, changed, give }: Receiving): Reading {
  let position = start
  let begunAt = start
  let skip = 0
  let knowsRanges = true
  let movedAt = performance.now()
  let etag: string | undefined
  let total: number | undefined // On the first read: the total size that a range reports.
  const toItsEnd = end === size

  /** On the first read there is no digest that would show at the end whether the pieces belong together. */
  function checkSame(headers: Headers): void {
    const now = headers.get('etag') ?? undefined
    if (size !== undefined) return
    if (position > start && (etag === undefined || now !== etag)) {
      throw new TrackwayError(
        'network_error',
        `${attempted}: the connection broke after ${position} bytes, and ${url.host} does not confirm that the rest belongs to the same content; try again`,
      )
    }
    etag = now?.startsWith('"') ? now : undefined
  }

  function notKnownWhole(): TrackwayError {
    return new TrackwayError(
      'network_error',
      `${attempted}: the connection broke after ${position} bytes, and ${url.host} does not say how many bytes there are; try again`,
    )
  }

  function demandRange({ headers }: Response): void {
    const given = headers.get('content-range') // A browser may hide it.
    const [, first, whole] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(given ?? '') ?? []
    // A range of compressed bytes is not a range of the content.
    if (isPacked(headers) || (given !== null && first !== String(position))) {
      if (!knowsRanges)
        throw new TrackwayError(
          'network_error',
          `${attempted}: ${url.host} returned another range than the one that was requested`,
          { retryable: false },
        )
      knowsRanges = false
      throw new BrokenOffError('the answer has another range than the one that was requested')
    }
    const isTold = whole !== undefined && whole !== '*'
    if (size !== undefined && isTold && whole !== String(size)) throw changed(`${whole} bytes`)
    if (size !== undefined) return
    // A range may be shorter than requested: its end does not prove that there is nothing more.
    if (!isTold) throw notKnownWhole()
    total = Number(whole)
  }

  return {
    headers() {
      // If a server compresses nevertheless, the runtime decompresses: the resulting bytes count.
      const headers = new Headers({ accept: '*/*', 'accept-encoding': 'identity' })
      const isRange = position > 0 || !toItsEnd
      if (isRange && knowsRanges)
        headers.set('range', `bytes=${position}-${toItsEnd || end === undefined ? '' : end - 1}`)
      if (position > start && etag !== undefined) headers.set('if-range', etag)
      return headers
    },
    accept(response) {
      try {
        if (response.status === 206) demandRange(response)
        else total = undefined
        checkSame(response.headers)
        skip = response.status === 206 ? 0 : position
      } catch (error) {
        void response.body?.cancel().catch(() => {})
        throw error
      }
    },
    receiver: {
      begin() {
        begunAt = position
      },
      async receive(piece) {
        movedAt = performance.now()
        const fresh = piece.subarray(Math.min(skip, piece.length))
        skip -= piece.length - fresh.length
        const room = (end ?? Number.POSITIVE_INFINITY) - position
        if (toItsEnd && fresh.length > room) throw changed(`more than ${size} bytes`)
        const taken = fresh.length > room ? fresh.subarray(0, room) : fresh
        position += taken.length
        if (taken.length > 0) await give(taken)
        movedAt = performance.now() // The consumer may be slow.
        return !toItsEnd && position === end ? 'enough' : 'more'
      },
      end() {
        const goal = end ?? total
        if (goal === undefined || position >= goal) return
        if (position === begunAt && end !== undefined) throw changed(`${position} bytes`)
        throw new BrokenOffError(`${url.host} ended its answer at byte ${position} of ${goal}`)
      },
    },
    progress: () => ({ at: movedAt, hasBegun: position > start }),
  }
}

function isPacked(headers: Headers): boolean {
  return (headers.get('content-encoding') ?? 'identity') !== 'identity'
}

async function explain(
  error: unknown,
  { attempted, url, signal, end, changed }: Receiving,
): Promise<unknown> {
  if (signal?.aborted) return new AbortedError(signal.reason)
  if (TrackwayError.isInstance(error)) return error
  if (!(error instanceof HTTPError))
    return explainFailure(error, { label: url.host, isRemote: true }, { attempted, url })
  const { status } = error.response
  const options = { status, details: { status } }
  if (status === 416) return changed(`fewer than ${end} bytes`)
  if (status === 404 || status === 410)
    return new TrackwayError('not_found', `${attempted}: it does not exist any more (${status})`, options)
  if (status === 401 || status === 403) {
    return new TrackwayError(
      'forbidden',
      `${attempted}: ${url.host} does not make it public (${status}), and no credentials are sent to web addresses`,
      options,
    )
  }
  return new TrackwayError('network_error', `${attempted}: ${url.host} answers ${status}`, {
    ...options,
    retryable: isTransientStatus(status),
  })
}
