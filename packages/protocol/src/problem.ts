import * as z from 'zod/mini'
import { errorTitles } from './error-titles.ts'
import type { Hint } from './hint.ts'
import { errorCodes, TrackwayError, type ErrorCode } from './errors.ts'
import { printable } from './printable.ts'

/** The media type of a problem (RFC 9457). */
export const problemMediaType = 'application/problem+json'

/** An error on the wire: a problem document of RFC 9457, with a stable code and data for programs. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** What went wrong with this request, for people. */
  detail: z.string(),
  /** Stable, for programs to switch on. */
  code: z.string(),
  /** The server's id of the request, also in its log. */
  requestId: z.string(),
  /** Whether the same request may succeed later. */
  retryable: z.boolean(),
  /** A hint of the kind `nearest`: names, one of which was probably meant. Other kinds may follow. */
  hint: z.optional(z.unknown()),
})

/** The only hint that travels: a server does not know the options of functions or commands. */
const hintSchema = z.object({ kind: z.literal('nearest'), names: z.array(z.string()) })

export type Problem = z.infer<typeof problemSchema>

// Anyone who answers may send any length of text, but an error must stay short.
const mostDetail = 10_000
const mostRequestId = 200
const mostDetails = 256 * 1024
const mostNames = 10

const ownFields = new Set(['type', 'title', 'status', 'detail', 'code', 'requestId', 'retryable', 'hint'])

/** Encodes an error as a problem. */
export function toProblem(error: TrackwayError, requestId: string): Problem {
  return {
    ...error.details,
    type: `urn:trackway:problem:${error.code}`,
    title: errorTitles[error.code],
    status: error.status ?? 500,
    detail: error.reason,
    code: error.code,
    requestId,
    retryable: error.retryable,
    ...(error.hint !== undefined && { hint: error.hint }),
  }
}

/**
 * Decodes a problem into an error. `attempted` states the attempt, as the beginning of a sentence. An unknown
 * code, from a newer server, becomes the most general one of its status.
 */
export function fromProblem(problem: Problem, attempted: string): TrackwayError {
  const requestId = printable(problem.requestId, mostRequestId)
  return new TrackwayError(
    knownCode(problem),
    `${attempted}: ${printable(problem.detail, mostDetail)} (request ${requestId})`,
    {
      status: problem.status,
      requestId,
      retryable: problem.retryable,
      details: detailsOf(problem),
      hint: hintOf(problem),
    },
  )
}

/**
 * The details beside the fields that every problem has; empty if they are larger than any that our servers
 * send.
 */
function detailsOf(problem: Problem): Record<string, unknown> {
  const details = Object.fromEntries(Object.entries(problem).filter(([key]) => !ownFields.has(key)))
  const text = JSON.stringify(details)
  if (text.length > mostDetails) return {}
  return JSON.parse(text, showable) as Record<string, unknown> // It was one before.
}

function hintOf({ hint }: Problem): Hint | undefined {
  const { success, data } = hintSchema.safeParse(hint)
  if (!success) return undefined
  return {
    kind: 'nearest',
    names: data.names.slice(0, mostNames).map((name) => printable(name, mostRequestId)),
  }
}

/** A key may contain characters that a terminal would obey, too. */
function showable(_: string, value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [printable(key), each as unknown]))
}

// The meaning of a status by itself. If it may mean several things, such as 409, no code is general enough.
const plainCodes = new Map<number, ErrorCode>([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [412, 'precondition_failed'],
  [413, 'too_large'],
  [415, 'unsupported_media_type'],
  [416, 'range_not_satisfiable'],
  [429, 'rate_limited'],
  [503, 'store_unavailable'],
  [507, 'insufficient_storage'],
])

function knownCode({ code, status }: Problem): ErrorCode {
  if (isKnown(code)) return code
  return plainCodes.get(status) ?? (status >= 500 ? 'internal_error' : 'request_invalid')
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
