import type { Limits } from '@trackway/protocol'
import type { Call } from './call.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { PresignedUrls } from './presigned-urls.ts'
import type { Receive } from './request.ts'

/**
 * A store, and the server that gives access to it, over HTTP or within the process. Every request passes
 * through `receive`.
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
  readonly receive: Receive
  readonly call: Call
  /** The same connection for a quiet call, which prints nothing about retries. */
  readonly quietly: Connection
  /** Direct access to the object store, if the server offers it. Loaded when it is first used. */
  presignedUrls(): Promise<PresignedUrls | undefined>
  /** Access to data that stays elsewhere. */
  readonly elsewhere: Elsewhere
}
