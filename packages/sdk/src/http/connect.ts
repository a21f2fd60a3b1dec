import {
  concatenateBytes,
  createManifestParser,
  createSha256,
  defaultLimits,
  holdTo,
  ndjsonMediaType,
  printable,
  routePath,
  routes,
  TrackwayError,
  type BlobsAnswer,
  type Limits,
  type RouteName,
  type Service,
} from '@trackway/protocol'
import * as z from 'zod/mini'
import { multipartBody } from '#platform'
import { IntegrityError } from '../errors.ts'
import type { OwnedBytes } from '../platform/tasks.ts'
import type { MakeBody, Receiver } from './attempt.ts'
import type {
  AnswerOf,
  BytesInput,
  CallInput,
  Connection,
  Elsewhere,
  ManifestInput,
  JsonRouteName,
  OutgoingBlob,
  RequestInput,
} from './connection.ts'
import { createBytesReceiver, rangeHeader } from './bytes-receiver.ts'
import { createElsewhere } from './elsewhere.ts'
import { createLinks } from './links.ts'
import { send, type Destination } from './send.ts'

/** The format of stores and messages that this client speaks. */
const formatVersion = 1
/** Bytes of a JSON answer: the longest one names every blob of a manifest. */
const mostAnswerBytes = defaultLimits.manifestBytes
/** Milliseconds until it is clear that nobody answers at all. */
const connectBudgetMs = 5_000

/** A server and how to reach it. */
export interface ConnectOptions extends Destination {
  /** Where the protocol's paths begin. */
  baseUrl: string
  /** Whether the server is within this process, so that the base is good for nobody else. Default: false. */
  isEmbedded?: boolean | undefined
  /** Sends requests to addresses of the web. Default: as those to the server. */
  web?: ((request: Request) => Promise<Response>) | undefined
  signal?: AbortSignal | undefined
}

type Exchange = RequestInput & {
  headers?: Record<string, string>
  makeBody?: MakeBody | undefined
  receiver: Receiver
}

/** Makes sure that a Trackway server answers that this client can talk to. Throws `not_trackway`, `server_too_new`. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const service = await readService(options)
  const exchange = exchangeWith(options)
  const limits = withinFormat(service.limits)
  const callRoute: Connection['call'] = (name, input) => call(exchange, options, name, input)
  const server = new URL(options.baseUrl)
  return {
    url: options.label,
    storeId: service.storeId,
    serverUrl: serverUrlOf(options),
    isRemote: options.isRemote ?? false,
    limits,
    links: createLinks({ call: callRoute, fetch: options.fetch, server }, service),
    elsewhere: elsewhereOf(options),
    call: callRoute,
    callUnlessSame: (name, input) => callUnlessSame(exchange, options, name, input),
    bytes: (name, input) => fetchBytes(exchange, name, input),
    putBlobs: ({ team, blobs, ...input }) =>
      putBlobs((part) => {
        const makeBody = () => multipartBody(part)
        return ask(exchange, options, 'putBlobs', { ...input, parameters: { team }, makeBody })
      }, blobs),
    putManifest: ({ team, digest, pieces, base, ...input }) =>
      ask(exchange, options, 'putManifest', {
        ...input,
        parameters: { team, digest },
        query: { experiment: base?.experiment, base: base?.spec },
        // A Blob lets the runtime state the length, and holds the pieces as they are.
        makeBody: () => ({
          body: new Blob([...pieces] as BlobPart[]),
          headers: { 'content-type': ndjsonMediaType },
        }), // None is in shared memory.
      }),
    getManifest: (input) => getManifest(exchange, limits, input),
  }
}

/** Where others reach the server. */
export function serverUrlOf({ baseUrl, isEmbedded = false }: ConnectOptions): string | undefined {
  return isEmbedded ? undefined : baseUrl.replace(/\/+$/, '')
}

/** The way to data that stays where it is, for whoever has these options. */
export function elsewhereOf({ fetch, web = fetch, retry }: ConnectOptions): Elsewhere {
  return createElsewhere({ fetch: web, retry })
}

/** A server may lower the limits, and not raise them beyond what the format allows: memory is taken by them. */
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

function call<Name extends JsonRouteName>(
  exchange: SendExchange,
  destination: Destination,
  name: Name,
  { body, ...input }: CallInput<Name>,
): Promise<AnswerOf<Name>> {
  const makeBody =
    body === undefined
      ? undefined
      : () => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  return ask(exchange, destination, name, { ...input, makeBody })
}

async function callUnlessSame<Name extends JsonRouteName>(
  exchange: SendExchange,
  destination: Destination,
  name: Name,
  { etag, ...input }: RequestInput & { etag: string | undefined },
): Promise<{ answer: AnswerOf<Name>; etag: string | undefined } | undefined> {
  const headers = etag === undefined ? {} : { 'if-none-match': etag }
  const collected = await collect(exchange, name, { ...input, headers })
  if (collected === undefined) return undefined
  return { answer: parseAnswer(destination, name, { ...input, ...collected }), etag: collected.etag }
}

/** Asks a JSON route and holds the answer to the route's schema. */
async function ask<Name extends JsonRouteName>(
  exchange: SendExchange,
  destination: Destination,
  name: Name,
  input: RequestInput & { makeBody?: MakeBody | undefined },
): Promise<AnswerOf<Name>> {
  const collected = await collect(exchange, name, input)
  return parseAnswer(destination, name, { ...input, bytes: collected?.bytes ?? new Uint8Array() })
}

function parseAnswer<Name extends JsonRouteName>(
  { label }: Destination,
  name: Name,
  input: { attempted: string; bytes: Uint8Array },
): AnswerOf<Name> {
  const text = new TextDecoder().decode(input.bytes)
  const schema: z.ZodMiniType = routes[name].response
  const result = holdTo(schema, parseJson(text))
  if (result.success) return result.data as AnswerOf<Name> // By the schema of this very route.
  const first = result.error.issues.slice(0, 5)
  throw new TrackwayError(
    'not_trackway',
    `${input.attempted}: what answers at ${label} is not a Trackway server that this client understands (${printable(z.prettifyError({ issues: first }), 500)}); check the host`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Then it fits no schema.
  }
}

/** The bytes of an answer, whole; undefined where the answer is that nothing changed. */
async function collect(
  exchange: SendExchange,
  name: RouteName,
  input: RequestInput & { headers?: Record<string, string>; makeBody?: MakeBody | undefined },
): Promise<{ bytes: Uint8Array; etag: string | undefined } | undefined> {
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
      if (size > mostAnswerBytes) throw endless(input.attempted)
      pieces.push(piece)
    },
    end(headers) {
      etag = headers.get('etag') ?? undefined
    },
    unchanged() {
      isSame = true
    },
  }
  await exchange(name, { ...input, receiver })
  return isSame ? undefined : { bytes: concatenateBytes(pieces), etag }
}

function endless(attempted: string): TrackwayError {
  return new TrackwayError(
    'not_trackway',
    `${attempted}: the answer has more than ${mostAnswerBytes} bytes, which no answer of a Trackway server has; check the host`,
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

/** Sends blobs, in two halves where together they are too large for the server or for something before it. */
async function putBlobs(
  sendPart: (blobs: readonly OutgoingBlob[]) => Promise<BlobsAnswer>,
  blobs: readonly OutgoingBlob[],
): Promise<BlobsAnswer> {
  try {
    return await sendPart(blobs)
  } catch (error) {
    const tooLarge = TrackwayError.isInstance(error) && error.code === 'too_large'
    if (!tooLarge || blobs.length <= 1) throw error
    const half = Math.ceil(blobs.length / 2)
    const first = await putBlobs(sendPart, blobs.slice(0, half))
    const second = await putBlobs(sendPart, blobs.slice(half))
    return { stored: [...first.stored, ...second.stored], known: [...first.known, ...second.known] }
  }
}

/** Parses a manifest while it comes in, so that its text is never held as a whole. */
async function getManifest(
  exchange: SendExchange,
  limits: Limits,
  { digest, onBegin, onPiece, ...input }: RequestInput & ManifestInput,
) {
  let parser = createManifestParser(limits)
  let hash = createSha256()
  let broken: { error: unknown } | undefined
  let size = 0
  const receiver: Receiver = {
    begin() {
      parser = createManifestParser(limits)
      hash = createSha256()
      broken = undefined
      size = 0
      onBegin?.()
    },
    receive(piece) {
      size += piece.length
      if (size > limits.manifestBytes) throw manifestTooLarge(input.attempted, limits)
      hash.update(piece)
      onPiece?.(piece)
      try {
        if (broken === undefined) parser.write(piece)
      } catch (error) {
        // Bytes that were altered on the way may look like anything: the digest speaks first.
        broken = { error }
      }
    },
    end() {
      const actual = hash.digest()
      if (actual !== digest)
        throw new IntegrityError(input.attempted, { path: 'the manifest', expected: digest, actual })
      if (broken !== undefined) throw broken.error
    },
  }
  await exchange('getManifest', { ...input, receiver })
  return parser.end()
}

function manifestTooLarge(attempted: string, { manifestBytes }: Limits): TrackwayError {
  return new TrackwayError(
    'too_large',
    `${attempted}: the manifest has more than the ${manifestBytes} bytes that one may have`,
    { details: { limit: 'manifestBytes', maximum: manifestBytes } },
  )
}
