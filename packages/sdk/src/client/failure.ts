import {
  fromProblem,
  isError,
  problemSchema,
  printable,
  type Problem,
  type TrackwayError,
} from '@trackway/protocol'
import { HTTPError, NetworkError, TimeoutError } from 'ky'
import { StalledError } from './attempt.ts'
import type { MakeBody } from '../platform/request-body.ts'
import { retryAfterMs } from './retry-after.ts'

/** Who was asked. */
export interface Asked {
  /** For people. */
  label: string
  /** Says where the label came from, for the message when nothing answers there. */
  labelOrigin?: string | undefined
  apiKey?: string | undefined
  /** Says where the key came from, for the message when it is refused. */
  keyOrigin?: string | undefined
  /** Whether requests leave this process, by the platform's own `fetch`. Default: false. */
  isRemote?: boolean | undefined
}

/** What was asked. */
export interface Question {
  /** The beginning of the message of an error. */
  attempted: string
  url: URL
  makeBody?: MakeBody | undefined
}

/** What is known of a request that failed, from which its error is made. The key is nowhere in it. */
export interface Failure extends Omit<Asked, 'apiKey'>, Question {
  reason: string
  /** What will keep it from an answer again. */
  lasting: ReturnType<typeof lastingReason>
  isTimeout: boolean
  /** Of an answer that is not a success. */
  answer?: {
    status: number
    /** What a Trackway server says. */
    known: TrackwayError | undefined
    /** What anyone else says. */
    text: string
    /** How long it asks to wait. */
    waitMs: number | undefined
  }
}

/** Puts together what is known. */
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

/** Whether to send a request again after such an answer: false where that is pointless, undefined where the status decides. */
export function retryableByProblem(error: HTTPError): false | undefined {
  return problemOf(error)?.retryable === false ? false : undefined
}

function problemOf(error: HTTPError): Problem | undefined {
  const result = problemSchema.safeParse(error.data)
  return result.success ? result.data : undefined
}

// Of redirects what Node and browsers, Deno, and Bun say; of bytes that are not TLS, or not HTTP, what Node and Bun, and
// Deno say; of certificates and refused ports what all of them say. HTTP that is merely damaged may come whole next time.
const lastingWords = {
  redirect: /^unexpected redirect$|redirect mode is set to 'error'$|^UnexpectedRedirect /,
  noTls: /wrong version number|packet length too long|InvalidContentType/i,
  tls: /alert protocol version|unsupported protocol|handshake failure/i,
  noHttp: /Expected HTTP\/|invalid HTTP version|Malformed_HTTP/i,
  certificate: /certificate|altnames/i,
  port: /^bad port$/,
  proxy: /Proxy response \(4\d\d\)/,
}

/** What kept a request from an answer and will do so again; undefined where another attempt may help. */
export function lastingReason(error: unknown): keyof typeof lastingWords | 'untold' | undefined {
  const causes = causesOf(error)
  for (const [reason, words] of Object.entries(lastingWords))
    if (causes.some(({ message }) => words.test(message))) return reason as keyof typeof lastingWords // One of its keys.
  const [, ...below] = causes
  const last = below.at(-1)
  // All that Node says of an answer with 407.
  return last?.message === '' && !('code' in last) ? 'untold' : undefined
}

// What Node, Deno, and Bun say; a browser tells nothing.
const nowhereWords =
  /redirect count exceeded|URL scheme must be|Maximum number of redirects|Can not redirect to|^TooManyRedirects|^UnsupportedRedirectProtocol/

/** Whether redirects lead round in a circle, or to what is not fetched, which they will do again. */
export function leadsNowhere(error: unknown): boolean {
  return causesOf(error).some(({ message }) => nowhereWords.test(message))
}

/** Why an attempt failed, in a few words. */
export function reasonOf(error: unknown, apiKey?: string): string {
  if (error instanceof HTTPError)
    return withoutKey(problemOf(error)?.detail ?? '', apiKey) || `it answers ${error.response.status}`
  const message = causesOf(error).at(-1)?.message ?? String(error)
  return printable(withoutKey(message, apiKey), 500)
}

/** A text without the key, which anyone may repeat. */
function withoutKey(text: string, apiKey: string | undefined): string {
  return apiKey ? text.replaceAll(apiKey, '…') : text
}

/** An error and what caused it. ky's own wrapper is left out: it holds the request, and with it the key. */
function causesOf(error: unknown): Error[] {
  if (!isError(error)) return []
  // Where several addresses were tried, there is a reason for each, and what holds them has no words of its own.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return causesOf(error.errors[0])
  const below = causesOf(error.cause)
  return error instanceof NetworkError ? below : [error, ...below]
}
