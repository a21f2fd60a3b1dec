import type { RouteName } from '@trackway/protocol'
import type { MakeBody } from '../platform/request-body.ts'

/** Options of every request. */
export interface RequestInput {
  /** The beginning of the message of an error, such as `Reading dataset/sample:V2`. */
  attempted: string
  parameters?: Record<string, string> | undefined
  query?: Record<string, string | undefined> | undefined
  headers?: Record<string, string> | undefined
  makeBody?: MakeBody | undefined
  signal?: AbortSignal | undefined
  /** Fails at the first failure, for background tasks that retry by themselves. */
  once?: boolean | undefined
}

/**
 * Sends a request to a route, and passes the bytes of the answer to a receiver as they arrive; from the first
 * one on again if the request is retried. It is retried as long as that may help, and every failure is a
 * `TrackwayError`.
 */
export type Receive = (name: RouteName, input: RequestInput & { receiver: Receiver }) => Promise<void>

/** Receives an answer's bytes. An error that it throws fails the attempt. */
export interface Receiver {
  /** An attempt begins: what was received before does not count. */
  begin(): void
  /**
   * A returned promise is awaited, however long it takes, before more is read. After `enough`, reading stops.
   */
  receive(piece: Uint8Array): void | Promise<'more' | 'enough'>
  /** All bytes have arrived, with these headers. */
  end(headers: Headers): void
  /**
   * No bytes arrive, since the caller has them already (304). Without this method, such an answer is a
   * failure.
   */
  unchanged?(): void
}
