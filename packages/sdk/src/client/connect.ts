import {
  concatenateBytes,
  defaultLimits,
  knownOffers,
  ndjsonMediaType,
  routePath,
  routes,
  safeParse,
  TrackwayError,
  type BlobsAnswer,
  type Limits,
  type RouteName,
  type Service,
} from '@trackway/protocol'
import type * as z from 'zod/mini'
import { blobBody, multipartBody, revalidation } from '#platform'
import { loadPart } from '../load-part.ts'
import type { OwnedBytes } from '../tasks/tasks.ts'
import type {
  AnswerOf,
  BytesInput,
  CallInput,
  Connection,
  Elsewhere,
  JsonRouteName,
  PresignedUrls,
  RequestInput,
} from './connection.ts'
import type { MakeBody, OutgoingBlob } from '../platform/request-body.ts'
import { createBytesReceiver, rangeHeader } from './bytes-receiver.ts'
import type { PresignedUrlContext } from './presigned-urls.ts'
import type { ReadAnswer } from './long-answer.ts'
import type { Receiver } from './receiver.ts'
import { send, type Destination } from './send.ts'

/** The format of stores and messages that this client speaks. */
const formatVersion = 1
/** Bytes that a JSON answer may have, unless the request asks for more. */
const mostAnswerBytes = 16 * 1024 * 1024
/** Bytes that a JSON answer of any shape may have: parsing so many takes little memory. */
const harmlessBytes = 64 * 1024
/** Milliseconds until it is clear that nothing answers at all. */
const connectBudgetMs = 5_000

/** A server and how to reach it. */
export interface ConnectOptions extends Destination {
  /** Where the protocol's paths begin. */
  baseUrl: string
  /** The canonical address of the store. Default: the label. */
  address?: string | undefined
  /**
   * Whether the server is within this process, so that other programs cannot use the base. Default: false.
   */
  isEmbedded?: boolean | undefined
  /** Sends requests to addresses on the web. Default: the `fetch` for the server. */
  web?: ((request: Request) => Promise<Response>) | undefined
  signal?: AbortSignal | undefined
}

type Exchange = RequestInput & {
  headers?: Record<string, string>
  makeBody?: MakeBody | undefined
  receiver: Receiver
}

/** Makes sure that a compatible Trackway server answers. Throws `not_trackway`, `server_too_new`. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  return connectionTo(options, await readService(options))
}

function connectionTo(options: ConnectOptions, service: Service): Connection {
  const exchange = exchangeWith(options)
  const limits = withinFormat(service.limits)
  const callRoute: Connection['call'] = (name, input) => call(exchange, options, name, input)
  const server = new URL(options.baseUrl)
  let urls: Promise<PresignedUrls | undefined> | undefined
  let quiet: Connection | undefined
  return {
    url: options.label,
    address: options.address ?? options.label,
    storeId: service.storeId,
    serverUrl: serverUrlOf(options),
    isRemote: options.isRemote ?? false,
    limits,
    get quietly() {
      return (quiet ??= connectionTo({ ...options, notice: undefined }, service))
    },
    presignedUrls: () =>
      (urls ??= loadPresignedUrls({ call: callRoute, fetch: options.fetch, server }, service)),
    elsewhere: elsewhereOf(options),
    call: callRoute,
    callUnlessSame: (name, input) => callUnlessSame(exchange, options, name, input),
    bytes: (name, input) => fetchBytes(exchange, name, input),
    putBlobs: ({ team, blobs, ...input }) =>
      putBlobs(async (part) => {
        const makeBody = await multipartBody(part)
        return ask(exchange, options, 'putBlobs', { ...input, parameters: { team }, makeBody })
      }, blobs),
    putManifest: ({ team, digest, pieces, base, ...input }) =>
      ask(exchange, options, 'putManifest', {
        ...input,
        parameters: { team, digest },
        query: { experiment: base?.experiment, base: base?.spec },
        // It may name every blob of the manifest.
        mostBytes: Math.max(mostAnswerBytes, 2 * sizeOf(pieces)),
        makeBody() {
          const { body, headers } = blobBody({ digest, bytes: pieces, size: sizeOf(pieces) })
          return { body, headers: { ...headers, 'content-type': ndjsonMediaType } }
        },
      }),
    receive: exchange,
  }
}

/** Where other programs reach the server. */
export function serverUrlOf({ baseUrl, isEmbedded = false }: ConnectOptions): string | undefined {
  return isEmbedded ? undefined : baseUrl.replace(/\/+$/, '')
}

/** Access to data that stays elsewhere, for callers with these options. */
export function elsewhereOf({ fetch, web = fetch, retry }: ConnectOptions): Elsewhere {
  return { fetch: web, retry }
}

async function loadPresignedUrls(
  context: PresignedUrlContext,
  { offers }: Service,
): Promise<PresignedUrls | undefined> {
  if (!Object.values(knownOffers).some((offer) => offers.includes(offer))) return undefined
  const { createPresignedUrls } = await loadPart(() => import('./presigned-urls.ts'))
  return createPresignedUrls(context, offers)
}

/**
 * A server may lower the limits, but not raise them beyond the format's, since they determine the use of
 * memory.
 */
function withinFormat(limits: Limits): Limits {
  const least = (name: keyof Limits) => Math.min(limits[name], defaultLimits[name])
  return {
    requestBytes: least('requestBytes'),
    blobBytes: least('blobBytes'),
    digests: least('digests'),
    entries: least('entries'),
    manifestBytes: least('manifestBytes'),
  }
}

async function readService(options: ConnectOptions): Promise<Service> {
  const { label, retry, signal } = options
  const exchange = exchangeWith({
    ...options,
    retry: { ...retry, budgetMs: Math.min(retry.budgetMs, connectBudgetMs) },
  })
  const service = await ask(exchange, options, 'getService', { attempted: `Connecting to ${label}`, signal })
  const unknown = [...service.features.read, ...service.features.write]
  if (service.formatVersion <= formatVersion && unknown.length === 0) return service
  throw new TrackwayError(
    'server_too_new',
    `Connecting to ${label}: it speaks format version ${service.formatVersion}${unknown.length > 0 ? ` with ${unknown.join(', ')}` : ''}, this client ${formatVersion}; update @trackway/sdk`,
  )
}

function exchangeWith(options: ConnectOptions) {
  const base = options.baseUrl.replace(/\/+$/, '')
  return (name: RouteName, { parameters, query, ...rest }: Exchange): Promise<void> => {
    const url = new URL(base + routePath(name, parameters))
    for (const [key, value] of Object.entries(query ?? {}))
      if (value !== undefined) url.searchParams.set(key, value)
    return send(options, { method: routes[name].method, url, ...rest })
  }
}

type SendExchange = ReturnType<typeof exchangeWith>

async function call<Name extends JsonRouteName>(
  exchange: SendExchange,
  destination: Destination,
  name: Name,
  { body, ...input }: CallInput<Name>,
): Promise<AnswerOf<Name>> {
  if (body === undefined) return ask(exchange, destination, name, input)
  const json = toJson(body, input.attempted)
  // Rule: every attempt sends the same body, so that the server recognizes a repeated commit.
  const makeBody = () => ({ body: json, headers: { 'content-type': 'application/json' } })
  return ask(exchange, destination, name, { ...input, makeBody })
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

async function callUnlessSame<Name extends JsonRouteName>(
  exchange: SendExchange,
  destination: Destination,
  name: Name,
  { etag, ...input }: RequestInput & { etag: string | undefined },
): Promise<{ answer: AnswerOf<Name>; etag: string | undefined } | undefined> {
  const headers = etag === undefined ? {} : { ...revalidation, 'if-none-match': etag }
  const collected = await collect(exchange, name, { ...input, headers })
  if (collected === undefined) return undefined
  return { answer: await parseAnswer(destination, name, { ...input, ...collected }), etag: collected.etag }
}

/** Calls a JSON route and checks the answer against the route's schema. */
async function ask<Name extends JsonRouteName>(
  exchange: SendExchange,
  destination: Destination,
  name: Name,
  input: RequestInput & { makeBody?: MakeBody | undefined },
): Promise<AnswerOf<Name>> {
  const collected = await collect(exchange, name, input)
  return parseAnswer(destination, name, { ...input, bytes: collected?.bytes ?? new Uint8Array() })
}

async function parseAnswer<Name extends JsonRouteName>(
  { label }: Destination,
  name: Name,
  { attempted, bytes, mostBytes = mostAnswerBytes }: RequestInput & { bytes: Uint8Array },
): Promise<AnswerOf<Name>> {
  const schema: z.ZodMiniType = routes[name].response
  const read =
    bytes.length > harmlessBytes
      ? (await loadPart(() => import('./long-answer.ts'))).readLongAnswer
      : readShortAnswer
  const result = await read(schema, bytes, { mostBytes, parse: parseJson })
  if (result.misfit === undefined) return result.data as AnswerOf<Name> // Checked by the schema of this route.
  throw new TrackwayError(
    'not_trackway',
    `${attempted}: the server at ${label} is not a Trackway server that this client understands (${result.misfit}); check the host`,
  )
}

async function readShortAnswer(schema: z.ZodMiniType, bytes: Uint8Array): Promise<ReadAnswer> {
  const answer = parseJson(bytes)
  const result = safeParse(schema, answer)
  if (result.success) return { data: result.data }
  const { misfitOf } = await loadPart(() => import('./misfit.ts'))
  return { misfit: misfitOf(schema, answer) }
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
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
  exchange: SendExchange,
  name: RouteName,
  input: RequestInput & { headers?: Record<string, string>; makeBody?: MakeBody | undefined },
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
  await exchange(name, { ...input, receiver })
  return isSame ? undefined : { bytes: concatenateBytes(pieces), etag }
}

function endless(attempted: string, mostBytes: number): TrackwayError {
  return new TrackwayError(
    'not_trackway',
    `${attempted}: the answer has more than ${mostBytes} bytes, more than any answer of a Trackway server; check the host`,
  )
}

async function fetchBytes(
  exchange: SendExchange,
  name: RouteName,
  input: RequestInput & BytesInput,
): Promise<OwnedBytes> {
  const { bytes, receiver } = createBytesReceiver(input.attempted, input)
  await exchange(name, { ...input, headers: rangeHeader(input), receiver })
  return bytes
}

/** Sends blobs, in two halves if together they are too large for the server or for a proxy. */
async function putBlobs(
  sendPart: (blobs: readonly OutgoingBlob[]) => Promise<BlobsAnswer>,
  blobs: readonly OutgoingBlob[],
): Promise<BlobsAnswer> {
  try {
    return await sendPart(blobs)
  } catch (error) {
    const tooLarge = TrackwayError.hasCode(error, 'too_large')
    if (!tooLarge || blobs.length <= 1) throw error
    const half = Math.ceil(blobs.length / 2)
    const first = await putBlobs(sendPart, blobs.slice(0, half))
    const second = await putBlobs(sendPart, blobs.slice(half))
    return { stored: [...first.stored, ...second.stored], known: [...first.known, ...second.known] }
  }
}
