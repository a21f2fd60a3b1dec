import type { BlobsAnswer, Digest, Limits, ManifestAnswer, routes } from '@trackway/protocol'
import type * as z from 'zod/mini'
import type { OutgoingBlob } from '../platform/request-body.ts'
import type { OwnedBytes } from '../tasks/tasks.ts'
import type { Receiver } from './receiver.ts'
import type { RetryPolicy } from './retry-policy.ts'

type Routes = typeof routes

/** Routes that return JSON. */
export type JsonRouteName = {
  [Name in keyof Routes]: Routes[Name]['response'] extends z.ZodMiniType ? Name : never
}[keyof Routes]
/** Routes that return bytes. */
export type BytesRouteName = Exclude<keyof Routes, JsonRouteName>

/** What a JSON route returns. */
export type AnswerOf<Name extends JsonRouteName> = Routes[Name]['response'] extends z.ZodMiniType
  ? z.output<Routes[Name]['response']>
  : never

type BodyOf<Name extends JsonRouteName> = Routes[Name] extends { body: infer Body extends z.ZodMiniType }
  ? { body: z.input<Body> }
  : { body?: undefined }

/** Options of every request. */
export interface RequestInput {
  /** The beginning of the message of an error, such as `Reading dataset/sample:V2`. */
  attempted: string
  parameters?: Record<string, string> | undefined
  query?: Record<string, string | undefined> | undefined
  signal?: AbortSignal | undefined
  /** Fails at the first failure, for background tasks that retry by themselves. */
  once?: boolean | undefined
  /** Bytes that a JSON answer may have. Default: 16 MiB. */
  mostBytes?: number | undefined
  /** Called with the size of a JSON answer in bytes. */
  onAnswer?: ((bytes: number) => void) | undefined
}

/** Options of a JSON route. */
export type CallInput<Name extends JsonRouteName> = RequestInput & BodyOf<Name>

/** Which bytes are fetched. */
export interface BytesInput {
  range?: { start: number; end: number } | undefined
  /** How many they are. */
  length: number
  /** Where to put them, if there is a buffer that is large enough. */
  memory?: OwnedBytes | undefined
  check?: ((bytes: Uint8Array) => void) | undefined
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

/**
 * Access to data on the web: not by way of the server, and without the user's credentials, in particular the
 * API key.
 */
export interface Elsewhere {
  fetch: (request: Request) => Promise<Response>
  retry: RetryPolicy
}

/**
 * A server, reached over HTTP or within the process. Every request is retried as long as that may help, and
 * every failure is a `TrackwayError`.
 */
export interface Connection {
  /**
   * Where data is stored, for people: `http://host:9111`, `s3://bucket/prefix` or the folder of an embedded
   * store.
   */
  readonly url: string
  /**
   * The canonical address of the store: a server's URL, a bucket's, or the real path of a folder. With
   * `storeId` it is the origin by which names and tags are kept.
   */
  readonly address: string
  readonly storeId: string
  /**
   * The URL at which other programs reach the server, without a trailing slash; undefined for a server within
   * this process.
   */
  readonly serverUrl: string | undefined
  /**
   * Whether sent bytes have left this process, so that their memory can be reused once the request is
   * answered.
   */
  readonly isRemote: boolean
  /** The limits of the server. */
  readonly limits: Limits
  /** The same connection for a quiet call, which prints nothing about retries. */
  readonly quietly: Connection
  /** Direct access to the object store, if the server offers it. Loaded when it is first used. */
  presignedUrls(): Promise<PresignedUrls | undefined>
  /** Access to data that stays elsewhere. */
  readonly elsewhere: Elsewhere
  /** Calls a JSON route. */
  call<Name extends JsonRouteName>(name: Name, input: CallInput<Name>): Promise<AnswerOf<Name>>
  /** The same, unless the answer still has this ETag: then it returns nothing. */
  callUnlessSame<Name extends JsonRouteName>(
    name: Name,
    input: CallInput<Name> & { etag: string | undefined },
  ): Promise<{ answer: AnswerOf<Name>; etag: string | undefined } | undefined>
  /**
   * The bytes of an answer, or of a range of it, with a known length of at most a few MiB. `check` throws
   * `integrity_error` for wrong bytes; these, and those of the wrong length, are fetched once more.
   */
  bytes(name: BytesRouteName, input: RequestInput & BytesInput): Promise<OwnedBytes>
  /** Sends blobs in one request, or in several if a proxy refuses that as too large. */
  putBlobs(input: RequestInput & { team: string; blobs: readonly OutgoingBlob[] }): Promise<BlobsAnswer>
  /** Stores a manifest, which is given in pieces. */
  putManifest(
    input: RequestInput & {
      team: string
      digest: Digest
      pieces: readonly Uint8Array[]
      base?: { experiment: string; spec: string }
    },
  ): Promise<ManifestAnswer>
  /**
   * Passes an answer's bytes to a receiver as they arrive; from the first one on again if the request is
   * retried.
   */
  receive(name: BytesRouteName, input: RequestInput & { receiver: Receiver }): Promise<void>
}
