import type { BlobsAnswer, Digest, Limits, ManifestAnswer, routes } from '@trackway/protocol'
import type * as z from 'zod/mini'
import type { OutgoingBlob } from '../platform/request-body.ts'
import type { OwnedBytes } from '../platform/tasks.ts'
import type { Receiver } from './receiver.ts'
import type { RetryPolicy } from './retry-policy.ts'

type Routes = typeof routes

/** Routes that answer with JSON. */
export type JsonRouteName = {
  [Name in keyof Routes]: Routes[Name]['response'] extends z.ZodMiniType ? Name : never
}[keyof Routes]
/** Routes that answer with bytes. */
export type BytesRouteName = Exclude<keyof Routes, JsonRouteName>

/** What a JSON route answers. */
export type AnswerOf<Name extends JsonRouteName> = Routes[Name]['response'] extends z.ZodMiniType
  ? z.output<Routes[Name]['response']>
  : never

type BodyOf<Name extends JsonRouteName> = Routes[Name] extends { body: infer Body extends z.ZodMiniType }
  ? { body: z.input<Body> }
  : { body?: undefined }

/** What every request is given. */
export interface RequestInput {
  /** The beginning of the message of an error, such as `Reading dataset/sample:V2`. */
  attempted: string
  parameters?: Record<string, string> | undefined
  query?: Record<string, string | undefined> | undefined
  signal?: AbortSignal | undefined
  /** Fails at the first failure: whoever asks in the background asks again himself. */
  once?: boolean | undefined
  /** Bytes that a JSON answer may have. Default: 16 MiB. */
  mostBytes?: number | undefined
  /** Is called with how many bytes a JSON answer has. */
  onAnswer?: ((bytes: number) => void) | undefined
}

/** What a JSON route is given. */
export type CallInput<Name extends JsonRouteName> = RequestInput & BodyOf<Name>

/** Which bytes are fetched. */
export interface BytesInput {
  range?: { start: number; end: number } | undefined
  /** How many they are. */
  length: number
  /** Where to put them, if there is memory that is large enough. */
  memory?: OwnedBytes | undefined
  check?: ((bytes: Uint8Array) => void) | undefined
}

/** Blobs that are fetched from the object store itself, past the server. */
export interface PresignedBlobs {
  /**
   * The bytes of a blob, or a range of them; undefined where they could not be had so, or are not what `check` wants:
   * then the server is to be asked. Rejects never.
   */
  bytes(
    input: Pick<RequestInput, 'attempted' | 'signal'> & BytesInput & { digest: Digest },
  ): Promise<OwnedBytes | undefined>
}

/**
 * The way to the object store past the server, by presigned URLs that the server gives. The API key does not go there.
 */
export interface PresignedUrls {
  /** Fetches blobs of a team, named about in the order in which they will be wanted; undefined where that cannot be. */
  open(
    input: Pick<RequestInput, 'attempted' | 'signal'> & { team: string; digests: readonly Digest[] },
  ): PresignedBlobs | undefined
  /** Whether it is worth trying to put blobs. */
  canPut(): boolean
  /**
   * Puts blobs, as many at a time as the limit allows. Answers those that could not be put so, and are to be sent to the
   * server. Only for blobs whose manifest is not stored yet: no look at the sweep marker follows.
   */
  put(
    input: Pick<RequestInput, 'attempted' | 'signal'> & {
      team: string
      blobs: readonly OutgoingBlob[]
      limit: <Result>(work: () => Promise<Result>) => Promise<Result>
    },
  ): Promise<readonly OutgoingBlob[]>
}

/** The way to what stays on the web: past the server, and with nothing of the user's, the API key least of all. */
export interface Elsewhere {
  fetch: (request: Request) => Promise<Response>
  retry: RetryPolicy
}

/**
 * A server, reached over HTTP or within the process. Every request is sent again while that may help, and every
 * failure is a `TrackwayError`.
 */
export interface Connection {
  /** Where the data goes, for people: `http://host:9111`, `s3://bucket/prefix` or the folder of an embedded store. */
  readonly url: string
  /**
   * The one spelling of where the store is reached: a server's URL, a bucket's, or the real path of a folder. With
   * `storeId` it is the origin that names and tags are kept by.
   */
  readonly address: string
  readonly storeId: string
  /** Where other programs reach the server, without a slash at its end; undefined where it is within this process. */
  readonly serverUrl: string | undefined
  /** Whether bytes that were sent have left this process, so that their memory can be used again once they are answered. */
  readonly isRemote: boolean
  /** What the server takes at the most. */
  readonly limits: Limits
  /** The same connection for a quiet call, which says nothing of requests that are sent again. */
  readonly quietly: Connection
  /** The way past the server, where it offers one. What goes it is loaded when it is asked for. */
  presignedUrls(): Promise<PresignedUrls | undefined>
  /** The way to data that stays where it is. */
  readonly elsewhere: Elsewhere
  /** Asks a JSON route. */
  call<Name extends JsonRouteName>(name: Name, input: CallInput<Name>): Promise<AnswerOf<Name>>
  /** The same, unless the answer is still the one with this ETag: then there is no answer. */
  callUnlessSame<Name extends JsonRouteName>(
    name: Name,
    input: CallInput<Name> & { etag: string | undefined },
  ): Promise<{ answer: AnswerOf<Name>; etag: string | undefined } | undefined>
  /**
   * The bytes of an answer of at most a few MiB, or of a range of it, of which it is known how many they are. `check`
   * throws `integrity_error` for wrong ones; these, and those that are too few or too many, are fetched once more.
   */
  bytes(name: BytesRouteName, input: RequestInput & BytesInput): Promise<OwnedBytes>
  /** Sends blobs in one request, or, where that is too large for something on the way, in several. */
  putBlobs(input: RequestInput & { team: string; blobs: readonly OutgoingBlob[] }): Promise<BlobsAnswer>
  /** Stores a manifest, which comes in pieces. */
  putManifest(
    input: RequestInput & {
      team: string
      digest: Digest
      pieces: readonly Uint8Array[]
      base?: { experiment: string; spec: string }
    },
  ): Promise<ManifestAnswer>
  /** Hands an answer's bytes to a receiver as they come; from the first one on again where the request is sent again. */
  receive(name: BytesRouteName, input: RequestInput & { receiver: Receiver }): Promise<void>
}
