import { problemMediaType, toProblem, TrackwayError } from '@trackway/protocol'

const retryAfterSeconds = 1

/**
 * The one place where an error becomes an answer. An unknown error is a bare 500: its text may reveal too
 * much.
 */
export function problemResponse(error: unknown, requestId: string): Response {
  const known = isForClients(error)
    ? error
    : new TrackwayError('internal_error', `The server failed; its log says more under request ${requestId}`)
  const problem = toProblem(known, requestId)
  const headers = new Headers({ 'content-type': problemMediaType, 'cache-control': 'no-store' })
  if (problem.status === 401) headers.set('www-authenticate', 'Bearer')
  if (problem.status === 503 || problem.status === 429) {
    const seconds = known.details['retryAfterSeconds']
    headers.set('retry-after', String(typeof seconds === 'number' ? seconds : retryAfterSeconds))
  }
  if (Array.isArray(known.details['allow'])) headers.set('allow', known.details['allow'].join(', '))
  if (problem.status === 416) headers.set('content-range', `bytes */${String(known.details['size'])}`)
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

/** Errors whose code never travels are bugs. */
function isForClients(error: unknown): error is TrackwayError {
  return TrackwayError.isInstance(error) && error.status !== undefined
}
