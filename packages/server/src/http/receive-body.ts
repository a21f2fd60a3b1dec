import { concatenateBytes, TrackwayError } from '@trackway/protocol'
import type { ByteStream } from '../stores/object-store.ts'
import type { BodyBudget } from './body-budget.ts'
import { createPaceWatch, type PaceWatch } from './body-pace.ts'
import type { BodyLimits } from './limits.ts'

/** A limit and its name, for the error that says which one was exceeded. */
export interface LimitOf {
  name: string
  bytes: number
}

/** Yields a request's body, piece by piece, up to the limit. Throws `too_large`. */
export type Receive = (limit: LimitOf) => ByteStream

/** The body of one request. */
export interface Reception {
  receive: Receive
  /** The request is over: the memory of its body is released. */
  end(): void
}

// A piece takes a few hundred bytes besides its own, so that single bytes would take a hundred times the
// body.
const leastPiece = 16 * 1024

/** Receives a request's body within the available memory, as long as it arrives at some pace. */
export function createReception(request: Request, budget: BodyBudget, limits: BodyLimits): Reception {
  const share = budget.open()

  async function* receive(limit: LimitOf): ByteStream {
    const announced = Number(request.headers.get('content-length') ?? 0)
    if (announced > limit.bytes) throw tooLarge(limit)
    if (announced > 0) share.hold(announced)
    let size = 0
    for await (const piece of joinSmall(iterate(request.body, createPaceWatch(limits)))) {
      size += piece.length
      if (size > limit.bytes) throw tooLarge(limit)
      share.hold(size)
      yield piece
    }
  }

  return { receive, end: share.release }
}

/** Joins small pieces; large ones pass unchanged. */
async function* joinSmall(pieces: ByteStream): ByteStream {
  let small: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    const isLarge = piece.length >= leastPiece
    if (!isLarge) {
      small.push(piece)
      size += piece.length
    }
    if (size > 0 && (isLarge || size >= leastPiece)) {
      yield concatenateBytes(small)
      small = []
      size = 0
    }
    if (isLarge) yield piece
  }
  if (size > 0) yield concatenateBytes(small)
}

async function* iterate(body: ReadableStream<Uint8Array> | null, pace: PaceWatch): ByteStream {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (;;) {
      const read = reader.read().catch(brokenOff)
      read.catch(() => {}) // It is awaited below, unless it takes too long.
      const { done, value } = await pace.next(read)
      if (done) return
      yield value
    }
  } finally {
    // The rest belongs to the connection, whose owner drains or closes it.
    reader.releaseLock()
  }
}

/** The client went away, or was cut off: its own doing, so no log has to report a failure of the server. */
function brokenOff(cause: unknown): never {
  throw new TrackwayError('request_invalid', 'The body broke off before its end', { cause })
}

function tooLarge({ name, bytes }: LimitOf): TrackwayError {
  return new TrackwayError(
    'too_large',
    `The body is larger than the ${bytes} bytes that this server allows (${name})`,
    {
      details: { limit: name, maximum: bytes },
    },
  )
}
