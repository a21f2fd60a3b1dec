import type { ServerResponse } from 'node:http'
import { TrackwayError } from '@trackway/protocol'
import type { Http2Bindings, HttpBindings } from '@hono/node-server'
import { createBodyBudget } from '../http/body-budget.ts'
import { problemResponse } from '../http/problem-response.ts'

/** Smaller answers are always sent, so that health checks work however busy the server is. */
const smallBytes = 64 * 1024
/**
 * What the server holds of an answer that it streams from a store: a piece, and one on its way to the client.
 */
const streamedBytes = 2 * 1024 * 1024
/** The headers that a page needs to read an answer, and people to find a request. */
const keptHeaders = ['access-control-allow-origin', 'access-control-expose-headers', 'vary', 'x-request-id']

/** Returns an answer, or the problem that the server is busy. */
export type AdmitAnswer = (
  response: Response,
  outgoing: (HttpBindings | Http2Bindings)['outgoing'],
) => Promise<Response>

/** Bounds the memory of all answers under way, which clients that do not read theirs would use up. */
export function createAnswerBudget(maximum: number): AdmitAnswer {
  const budget = createBodyBudget(maximum, () => busy(maximum))
  return async (response, outgoing) => {
    const bytes = heldBytes(response)
    if (bytes <= smallBytes) return response
    const share = budget.open()
    try {
      share.hold(bytes)
    } catch (error) {
      await response.body?.cancel()
      return refusal(response, error)
    }
    if (isOver(outgoing)) share.release()
    else outgoing.once('close', share.release)
    return response
  }
}

/** Documents are in memory as a whole; everything else is streamed. */
function heldBytes({ headers }: Response): number {
  const length = Number(headers.get('content-length') ?? streamedBytes)
  const isDocument = headers.get('content-type')?.startsWith('application/json') ?? false
  return isDocument ? length : Math.min(length, streamedBytes)
}

function isOver(outgoing: Pick<ServerResponse, 'destroyed' | 'closed'>): boolean {
  return outgoing.destroyed || outgoing.closed
}

function refusal({ headers }: Response, error: unknown): Response {
  const response = problemResponse(error, headers.get('x-request-id') ?? crypto.randomUUID())
  for (const name of keptHeaders) {
    const value = headers.get(name)
    if (value !== null) response.headers.set(name, value)
  }
  return response
}

function busy(maximum: number): TrackwayError {
  return new TrackwayError(
    'rate_limited',
    `The answers under way leave no room for this one (answeredBytes: ${maximum}); try again in a moment`,
    { details: { limit: 'answeredBytes', maximum, retryAfterSeconds: 2 } },
  )
}
