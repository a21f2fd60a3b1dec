import { fromProblem, isError, problemSchema, TrackwayError, type Problem } from '@trackway/protocol'
import { NetworkError, TimeoutError, type HTTPError } from 'ky'
import { toTypedError } from '../errors.ts'
import { StalledError } from './attempt.ts'

interface Asked {
  label: string
  keyOrigin?: string | undefined
}

/** Whether to send a request again after such an answer: false where that is pointless, undefined where the status decides. */
export function retryableByProblem(error: HTTPError): false | undefined {
  return problemOf(error)?.retryable === false ? false : undefined
}

// What Node and browsers, Deno, and Bun say.
const redirectWords = /^unexpected redirect$|redirect mode is set to 'error'$|^UnexpectedRedirect /

/** Whether a server sent us elsewhere, which it will do again. */
export function isRedirect(error: unknown): boolean {
  return causeOf(error).some(({ message }) => redirectWords.test(message))
}

// What Node, Deno, and Bun say; a browser tells nothing.
const nowhereWords =
  /redirect count exceeded|URL scheme must be|Maximum number of redirects|Can not redirect to|^TooManyRedirects|^UnsupportedRedirectProtocol/

/** Whether redirects lead round in a circle, or to what is not fetched, which they will do again. */
export function leadsNowhere(error: unknown): boolean {
  return causeOf(error).some(({ message }) => nowhereWords.test(message))
}

/** An answer that is no success, as an error. Nothing of the request, which holds the key, goes into it. */
export function explainResponse(
  error: HTTPError,
  attempted: string,
  { label, keyOrigin }: Asked,
): TrackwayError {
  const problem = problemOf(error)
  const { status } = error.response
  if (problem !== undefined) {
    const known = toTypedError(fromProblem(problem, attempted))
    if (known.code !== 'unauthorized') return known
    return new TrackwayError('unauthorized', `${known.message}. ${keyAdvice(keyOrigin)}`, {
      ...(known.requestId !== undefined && { requestId: known.requestId }),
    })
  }
  if (status === 413) {
    return new TrackwayError(
      'too_large',
      `${attempted}: something before the server at ${label} takes no request of this size (413)`,
      { status },
    )
  }
  if (status >= 500 || status === 429 || status === 408) {
    return new TrackwayError(
      'network_error',
      `${attempted}: ${label} kept answering ${status}, and not in Trackway's own words; a proxy may stand before a server that is down`,
      { status },
    )
  }
  return new TrackwayError(
    'not_trackway',
    `${attempted}: what answers at ${label} is not a Trackway server (status ${status}); check the host`,
    { status },
  )
}

function keyAdvice(keyOrigin: string | undefined): string {
  return keyOrigin === undefined
    ? 'No API key was sent; pass { apiKey } to login, or set TRACKWAY_API_KEY'
    : `The API key came from ${keyOrigin}`
}

function problemOf(error: HTTPError): Problem | undefined {
  const result = problemSchema.safeParse(error.data)
  return result.success ? result.data : undefined
}

/** A request that got no answer, as an error that says where to look. */
export function explainNetworkError(error: unknown, attempted: string, { label }: Asked): TrackwayError {
  const causes = causeOf(error)
  const reason = causes.at(-1)?.message ?? String(error)
  if (error instanceof TimeoutError || causes.some((cause) => cause instanceof StalledError)) {
    return new TrackwayError(
      'timeout',
      `${attempted}: ${label} did not answer in time (${reason}); try again when the network is better`,
    )
  }
  if (isRedirect(error)) {
    return new TrackwayError(
      'not_trackway',
      `${attempted}: ${label} redirects elsewhere, where the API key must not go; give the address that it leads to as the host`,
    )
  }
  if (speaksNoTls(error)) {
    const plain = label.replace(/^https:/i, 'http:')
    return new TrackwayError(
      'network_error',
      `${attempted}: ${label} answers, but not in TLS. Does it speak plain http? Try ${plain}`,
    )
  }
  return new TrackwayError(
    'network_error',
    `${attempted}: ${label} could not be reached (${reason}). ${advice(reason)}`,
  )
}

// What Node and Bun, and Deno say of bytes that are no TLS, where OpenSSL alone names functions and files of its own.
const noTlsWords = /wrong version number|packet length too long|InvalidContentType/i

/** Whether what answers an https address is no TLS, which it will be again. */
export function speaksNoTls(error: unknown): boolean {
  return causeOf(error).some(({ message }) => noTlsWords.test(message))
}

function advice(reason: string): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return 'Is the host name right, and is there a network?'
  if (/certificate|self.signed|TLS|SSL/i.test(reason))
    return 'Does the server speak https with a certificate that this machine trusts?'
  // All that Chromium, Firefox and Safari tell a page of any of many reasons. A mocked fetch says the same in Node.
  const isSparing = /^(Failed to fetch|NetworkError when attempting to fetch resource|Load failed)/.test(
    reason,
  )
  if (isSparing && typeof location !== 'undefined')
    return `Is the server running, is the address right, and does it allow pages of ${location.origin} (--allowed-origin)?`
  return 'Is the server running, and is the address right?'
}

/** An error and what caused it. ky's own wrapper is left out: it holds the request, and with it the key. */
function causeOf(error: unknown): Error[] {
  if (!isError(error)) return []
  const below = causeOf(error.cause)
  return error instanceof NetworkError ? below : [error, ...below]
}
