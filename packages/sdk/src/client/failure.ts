import {
  fromProblem,
  isError,
  isTransientStatus,
  problemSchema,
  printable,
  retryAfterMs,
  type Problem,
  type TrackwayError,
} from '@trackway/protocol'
import { HTTPError, NetworkError, TimeoutError } from 'ky'
import { StalledError } from './attempt.ts'
import type { MakeBody } from '../platform/request-body.ts'

/** The server that was asked. */
export interface Asked {
  /** For people. */
  label: string
  /** Where the label came from, for the message if nothing answers there. */
  labelOrigin?: string | undefined
  apiKey?: string | undefined
  /** Where the key came from, for the message if it is refused. */
  keyOrigin?: string | undefined
  /** Whether requests leave this process, by the platform's own `fetch`. Default: false. */
  isRemote?: boolean | undefined
}

/** The request. */
export interface Question {
  /** The beginning of the message of an error. */
  attempted: string
  url: URL
  makeBody?: MakeBody | undefined
}

/** What is known of a failed request, from which its error is made. Contains the key nowhere. */
export interface Failure extends Omit<Asked, 'apiKey'>, Question {
  reason: string
  /** A cause that will make it fail again. */
  lasting: ReturnType<typeof lastingReason>
  isTimeout: boolean
  /** Of an answer that is not a success. */
  answer?: {
    status: number
    /** The problem that a Trackway server reported. */
    known: TrackwayError | undefined
    /** The body of any other answer. */
    text: string
    /** How long it asks to wait. */
    waitMs: number | undefined
  }
}

/** Collects what is known. */
export function describeFailure(error: unknown, { apiKey, ...asked }: Asked, question: Question): Failure {
  return {
    ...asked,
    ...question,
    reason: reasonOf(error, apiKey),
    lasting: lastingReason(error),
    isTimeout:
      error instanceof TimeoutError || causesOf(error).some((cause) => cause instanceof StalledError),
    ...(error instanceof HTTPError && { answer: describeAnswer(error, apiKey, question) }),
  }
}

function describeAnswer({ data, response }: HTTPError, apiKey: string | undefined, { attempted }: Question) {
  const text = withoutKey(JSON.stringify(data) ?? '', apiKey)
  const problem = problemSchema.safeParse(text && JSON.parse(text))
  return {
    status: response.status,
    known: problem.success ? fromProblem(problem.data, attempted) : undefined,
    text,
    waitMs: retryAfterMs(response.headers),
  }
}

/** Whether the same request may succeed after such an answer. */
export function mayPass(error: HTTPError): boolean {
  return isTransientStatus(error.response.status) && problemOf(error)?.retryable !== false
}

function problemOf(error: HTTPError): Problem | undefined {
  const result = problemSchema.safeParse(error.data)
  return result.success ? result.data : undefined
}

// For redirects, the messages of Node and browsers, Deno, and Bun; for bytes that are not TLS, or not HTTP,
// those of Node and Bun, and of Deno; for certificates and refused ports, those of all. HTTP that is merely
// damaged may arrive intact next time.
const lastingWords = {
  redirect: /^unexpected redirect$|redirect mode is set to 'error'$|^UnexpectedRedirect /,
  noTls: /wrong version number|packet length too long|InvalidContentType/i,
  tls: /alert protocol version|unsupported protocol|handshake failure/i,
  noHttp: /Expected HTTP\/|invalid HTTP version|Malformed_HTTP/i,
  certificate: /certificate|altnames/i,
  port: /^bad port$/,
  proxy: /Proxy response \(4\d\d\)/,
}

/** What kept a request from an answer and will do so again; undefined if another attempt may help. */
export function lastingReason(error: unknown): keyof typeof lastingWords | 'untold' | undefined {
  const causes = causesOf(error)
  // One of its keys.
  for (const [reason, words] of Object.entries(lastingWords))
    if (causes.some(({ message }) => words.test(message))) return reason as keyof typeof lastingWords
  const [, ...below] = causes
  const last = below.at(-1)
  // All that Node says about an answer with 407.
  return last?.message === '' && !('code' in last) ? 'untold' : undefined
}

// The messages of Node, Deno, and Bun; a browser gives no details.
const nowhereWords =
  /redirect count exceeded|URL scheme must be|Maximum number of redirects|Can not redirect to|^TooManyRedirects|^UnsupportedRedirectProtocol/

/** Whether redirects form a loop, or lead to an address that is not fetched, which they will do again. */
export function leadsNowhere(error: unknown): boolean {
  return causesOf(error).some(({ message }) => nowhereWords.test(message))
}

/** Why an attempt failed, in a few words. */
export function reasonOf(error: unknown, apiKey?: string): string {
  if (error instanceof HTTPError)
    return withoutKey(problemOf(error)?.detail ?? '', apiKey) || `it returned ${error.response.status}`
  const message = causesOf(error).at(-1)?.message ?? String(error)
  return printable(withoutKey(message, apiKey), 500)
}

/** A text without the key, which anyone may have repeated. */
function withoutKey(text: string, apiKey: string | undefined): string {
  return apiKey ? text.replaceAll(apiKey, '…') : text
}

/** An error and its causes. ky's own wrapper is left out: it holds the request, and with it the key. */
function causesOf(error: unknown): Error[] {
  if (!isError(error)) return []
  // If several addresses were tried, there is a reason for each, and the error that holds them has no message
  // of its own.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return causesOf(error.errors[0])
  const below = causesOf(error.cause)
  return error instanceof NetworkError ? below : [error, ...below]
}
