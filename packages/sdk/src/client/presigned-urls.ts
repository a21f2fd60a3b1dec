import { knownOffers, type PresignedUrl, type Digest } from '@trackway/protocol'
import { unlessAborted } from '../concurrency/abort.ts'
import { anySignal } from '../concurrency/any-signal.ts'
import { blobBody } from '#platform'
import { acceptPresignedUrl } from './accept-presigned-url.ts'
import { makeAttempt } from './attempt.ts'
import { createBytesReceiver, rangeHeader, type BytesInput } from './fetch-bytes.ts'
import type { Receiver, RequestInput } from './request.ts'
import type { MakeBody, OutgoingBlob } from '../platform/request-body.ts'
import type { OwnedBytes } from '../tasks/tasks.ts'
import type { Call } from './call.ts'
import { createPresignedUrlFeed } from './presigned-url-feed.ts'
import type { Destination } from './send.ts'
import { createReach, createStoreHealth, type StoreHealth } from './store-health.ts'

/**
 * Milliseconds without a byte after which a request is given up: the server's own route can still be used.
 */
const stallMs = 30_000
/** Bytes per second below which the server's own route is tried instead, after the first half minute. */
const leastPace = 50_000
/** Bytes of an answer that only confirms that a blob is stored. */
const mostAnswerBytes = 64 * 1024

export interface PresignedUrlContext {
  call: Call
  fetch: Destination['fetch']
  /** Where the server is. */
  server: URL
}

/** Blobs that are fetched directly from the object store. */
export interface PresignedBlobs {
  /**
   * The bytes of a blob, or a range of them; undefined if they could not be fetched this way, or fail
   * `check`: then the server has to be asked. Never rejects.
   */
  bytes(
    input: Pick<RequestInput, 'attempted' | 'signal'> & BytesInput & { digest: Digest },
  ): Promise<OwnedBytes | undefined>
}

/**
 * Direct access to the object store, by presigned URLs that the server provides. The API key is not sent
 * there.
 */
export interface PresignedUrls {
  /**
   * Fetches blobs of a team, listed roughly in the order in which they will be needed; undefined if that is
   * not possible.
   */
  open(
    input: Pick<RequestInput, 'attempted' | 'signal'> & { team: string; digests: readonly Digest[] },
  ): PresignedBlobs | undefined
  /** Whether it is worth trying to put blobs. */
  canPut(): boolean
  /**
   * Puts blobs, as many at a time as the limit allows. Returns those that could not be put this way, and are
   * to be sent to the server. Only for blobs whose manifest is not stored yet, since the sweep marker is not
   * checked afterwards.
   */
  put(
    input: Pick<RequestInput, 'attempted' | 'signal'> & {
      team: string
      blobs: readonly OutgoingBlob[]
      limit: <Result>(work: () => Promise<Result>) => Promise<Result>
    },
  ): Promise<readonly OutgoingBlob[]>
}

/** What the server's presigned URLs can be used for. */
export function createPresignedUrls(context: PresignedUrlContext, offers: readonly string[]): PresignedUrls {
  const reach = createReach(context.fetch)
  const downloads = offers.includes(knownOffers.presignedDownloads) ? createStoreHealth(reach) : undefined
  const uploads = offers.includes(knownOffers.presignedUploads) ? createStoreHealth(reach) : undefined
  return {
    open: ({ digests, ...asking }) =>
      downloads?.isWell()
        ? openPresignedBlobs({ ...context, health: downloads, asking }, digests)
        : undefined,
    canPut: () => uploads?.isWell() ?? false,
    async put({ blobs, limit, ...asking }) {
      if (uploads === undefined) return blobs
      return putBlobs({ ...context, health: uploads, asking }, blobs, limit)
    },
  }
}

/** On whose behalf presigned URLs are requested. */
interface Asking {
  attempted: string
  team: string
  signal?: AbortSignal | undefined
}

type AskingContext = PresignedUrlContext & { health: StoreHealth; asking: Asking }

function openPresignedBlobs(context: AskingContext, digests: readonly Digest[]): PresignedBlobs {
  const ask = (asked: readonly Digest[]) =>
    byDigest(context.call('presignDownloads', { ...inputOf(context), body: { digests: [...asked] } }))
  const feed = createPresignedUrlFeed(ask, digests)
  return {
    async bytes({ digest, attempted, signal, ...wanted }) {
      const outgoing = { method: 'GET', size: wanted.length, headers: rangeHeader(wanted), signal }
      const { bytes, receiver } = createBytesReceiver(attempted, wanted)
      const renew = async () => (await ask([digest])).get(digest)
      const outcome = await follow(context, { ...outgoing, receiver, renew }, () => feed.presigned(digest))
      return outcome ? bytes : undefined
    },
  }
}

async function putBlobs(
  context: AskingContext,
  blobs: readonly OutgoingBlob[],
  limit: <Result>(work: () => Promise<Result>) => Promise<Result>,
): Promise<OutgoingBlob[]> {
  const ask = (asked: readonly OutgoingBlob[]) => {
    const body = { blobs: asked.map(({ digest, size }) => ({ digest, size })) }
    return byDigest(context.call('presignUploads', { ...inputOf(context), body }))
  }
  const urls = await ask(blobs)
  const left = await Promise.all(
    blobs.map((blob) =>
      limit(async () => {
        const outgoing = {
          method: 'PUT',
          size: blob.size,
          headers: {},
          signal: context.asking.signal,
          makeBody: () => blobBody(blob),
          receiver: smallAnswer(),
          renew: async () => (await ask([blob])).get(blob.digest),
        }
        const isThere = await follow(context, outgoing, async () => urls.get(blob.digest))
        return isThere ? [] : [blob]
      }),
    ),
  )
  return left.flat()
}

/**
 * Presigned URLs by digest; none if the server does not return any, since then it is asked for the bytes
 * themselves.
 */
async function byDigest(asking: Promise<{ urls: PresignedUrl[] }>): Promise<Map<Digest, PresignedUrl>> {
  const { urls } = await asking.catch(() => ({ urls: [] }))
  return new Map(urls.map((presigned) => [presigned.digest, presigned]))
}

function inputOf({ asking: { attempted, team, signal } }: AskingContext) {
  return { attempted, parameters: { team }, signal, once: true }
}

/** A request to a presigned URL. */
interface PresignedRequest {
  method: string
  /** Bytes in one direction or the other. */
  size: number
  /** Headers that are not part of the presigned URL. */
  headers: Record<string, string>
  makeBody?: MakeBody
  receiver: Receiver
  signal: AbortSignal | undefined
  /** A presigned URL in place of one that has expired. */
  renew(): Promise<PresignedUrl | undefined>
}

/** Whether it succeeded. Any failure is left for the server's own route to overcome, or to explain. */
async function follow(
  context: AskingContext,
  request: PresignedRequest,
  first: () => Promise<PresignedUrl | undefined>,
): Promise<boolean> {
  const { health } = context
  if (!health.isWell()) return false
  let status = await attempt(context, request, await first())
  const mayHaveExpired = status === 403 || (status === 400 && request.method === 'GET')
  if (mayHaveExpired && health.isWell()) status = await attempt(context, request, await request.renew())
  // Somebody else has put it, or our own put succeeded without its answer arriving.
  const isDone = status === 200 || (request.method === 'PUT' && status === 412)
  if (isDone) health.succeeded()
  else if (status !== undefined && !request.signal?.aborted) health.failed()
  return isDone
}

/** The status of the answer, 200 for every success and 0 for none; undefined if nothing was requested. */
async function attempt(
  { fetch, health, server }: AskingContext,
  { method, size, headers, makeBody, receiver, signal }: PresignedRequest,
  presigned: PresignedUrl | undefined,
): Promise<number | undefined> {
  const accepted = presigned && acceptPresignedUrl(presigned, server)
  if (accepted === undefined) return undefined
  const { url } = accepted
  const reaches = await unlessAborted(health.reaches(url.origin), signal).catch(() => false)
  if (!reaches) return undefined
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), stallMs + (size / leastPace) * 1000)
  try {
    const init = {
      method,
      headers: { ...accepted.headers, ...headers },
      signal: anySignal(late.signal, signal),
    }
    const { status } = await makeAttempt(new Request(url, init), {
      fetch,
      makeBody,
      stallMs,
      receiver,
      accept: (response) => demandPlain(response, headers),
      // Nothing of the user's except the bytes.
      init: { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' },
    })
    return status
  } catch {
    return 0
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The stored bytes, and only those of the range: a store may be configured to compress them, or to send
 * others.
 */
function demandPlain({ status, headers }: Response, { range }: Record<string, string>): void {
  const packing = headers.get('content-encoding') ?? 'identity'
  const given = headers.get('content-range')
  const wanted = range?.replace('=', ' ')
  const isRange = status === 206 && (given === null || given.startsWith(`${wanted}/`))
  if (packing !== 'identity' || (wanted !== undefined && !isRange)) {
    throw new Error('The store returned other bytes than those that were requested')
  }
}

function smallAnswer(): Receiver {
  let size = 0
  return {
    begin() {
      size = 0
    },
    receive(piece) {
      size += piece.length
      if (size > mostAnswerBytes) throw new Error('The answer is longer than the answer to a put can be')
    },
    end() {},
  }
}
