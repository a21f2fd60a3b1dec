import { concatenateBytes, routes, safeParse, TrackwayError } from '@trackway/protocol'
import type * as z from 'zod/mini'
import { revalidation } from '#platform'
import { loadExplaining } from '../parts/load.ts'
import type { ReadAnswer } from './long-answer.ts'
import type { Receive, Receiver, RequestInput } from './request.ts'

type Routes = typeof routes

/** Routes that return JSON. */
export type JsonRouteName = {
  [Name in keyof Routes]: Routes[Name]['response'] extends z.ZodMiniType ? Name : never
}[keyof Routes]
/** What a JSON route returns. */
export type AnswerOf<Name extends JsonRouteName> = Routes[Name]['response'] extends z.ZodMiniType
  ? z.output<Routes[Name]['response']>
  : never

type BodyOf<Name extends JsonRouteName> = Routes[Name] extends { body: infer Body extends z.ZodMiniType }
  ? { body: z.input<Body> }
  : { body?: undefined }

/** Options of the request of a JSON answer. */
export interface AnswerInput extends RequestInput {
  /** Bytes that the answer may have. Default: 16 MiB. */
  mostBytes?: number | undefined
  /** Called with the size of the answer in bytes. */
  onAnswer?: ((bytes: number) => void) | undefined
}

/** Options of a JSON route. */
export type CallInput<Name extends JsonRouteName> = AnswerInput & BodyOf<Name>

/** Calls a JSON route, and checks the answer against the route's schema. */
export type Call = <Name extends JsonRouteName>(name: Name, input: CallInput<Name>) => Promise<AnswerOf<Name>>

/** Which server answers, for messages, and how. */
interface Line {
  url: string
  receive: Receive
}

/** Bytes that a JSON answer may have, unless the request asks for more. */
export const mostAnswerBytes = 16 * 1024 * 1024
/** Bytes that a JSON answer of any shape may have: parsing so many takes little memory. */
const harmlessBytes = 64 * 1024

/** Calls JSON routes over a line. */
export function callOver(line: Line): Call {
  return async (name, input) => {
    const collected = await collect(line, name, withBody(input))
    return parseAnswer(line, name, { ...input, bytes: collected?.bytes ?? new Uint8Array() })
  }
}

/** The same, unless the answer still has this ETag: then it returns nothing. */
export async function callUnlessSame<Name extends JsonRouteName>(
  line: Line,
  name: Name,
  { etag, ...input }: AnswerInput & { etag: string | undefined },
): Promise<{ answer: AnswerOf<Name>; etag: string | undefined } | undefined> {
  const headers = etag === undefined ? {} : { ...revalidation, 'if-none-match': etag }
  const collected = await collect(line, name, { ...input, headers })
  if (collected === undefined) return undefined
  return { answer: await parseAnswer(line, name, { ...input, ...collected }), etag: collected.etag }
}

function withBody({ body, ...input }: AnswerInput & { body?: unknown }): AnswerInput {
  if (body === undefined) return input
  const json = toJson(body, input.attempted)
  // Rule: every attempt sends the same body, so that the server recognizes a repeated commit.
  const makeBody = () => ({ body: json, headers: { 'content-type': 'application/json' } })
  return { ...input, makeBody }
}

/** A body as it is sent. One that cannot be sent is refused before the first attempt. */
function toJson(body: unknown, attempted: string): string {
  try {
    return JSON.stringify(body)
  } catch (error) {
    throw new TrackwayError(
      'request_invalid',
      `${attempted}: it cannot be written as JSON (${String(error)})`,
    )
  }
}

async function parseAnswer<Name extends JsonRouteName>(
  { url }: Line,
  name: Name,
  { attempted, bytes, mostBytes = mostAnswerBytes }: AnswerInput & { bytes: Uint8Array },
): Promise<AnswerOf<Name>> {
  const schema: z.ZodMiniType = routes[name].response
  const read = bytes.length > harmlessBytes ? (await loadExplaining()).readLongAnswer : readShortAnswer
  const result = await read(schema, bytes, { mostBytes, parse: parseJson })
  // Checked by the schema of this route.
  if (result.misfit === undefined) return result.data as AnswerOf<Name>
  throw new TrackwayError(
    'not_trackway',
    `${attempted}: the server at ${url} is not a Trackway server that this client understands (${result.misfit}); check the host`,
  )
}

async function readShortAnswer(schema: z.ZodMiniType, bytes: Uint8Array): Promise<ReadAnswer> {
  const answer = parseJson(bytes)
  const result = safeParse(schema, answer)
  if (result.success) return { data: result.data }
  const { misfitOf } = await loadExplaining()
  return { misfit: misfitOf(schema, answer) }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined // Does not match any schema.
  }
}

/** The whole bytes of an answer; undefined if the answer is that nothing changed. */
async function collect(
  { receive }: Line,
  name: JsonRouteName,
  input: AnswerInput,
): Promise<{ bytes: Uint8Array; etag: string | undefined } | undefined> {
  const { attempted, mostBytes = mostAnswerBytes, onAnswer } = input
  let pieces: Uint8Array[] = []
  let size = 0
  let etag: string | undefined
  let isSame = false
  const receiver: Receiver = {
    begin() {
      pieces = []
      size = 0
    },
    receive(piece) {
      size += piece.length
      if (size > mostBytes) throw endless(attempted, mostBytes)
      pieces.push(piece)
    },
    end(headers) {
      etag = headers.get('etag') ?? undefined
      onAnswer?.(size)
    },
    unchanged() {
      isSame = true
    },
  }
  await receive(name, { ...input, receiver })
  return isSame ? undefined : { bytes: concatenateBytes(pieces), etag }
}

function endless(attempted: string, mostBytes: number): TrackwayError {
  return new TrackwayError(
    'not_trackway',
    `${attempted}: the answer has more than ${mostBytes} bytes, more than any answer of a Trackway server; check the host`,
  )
}
