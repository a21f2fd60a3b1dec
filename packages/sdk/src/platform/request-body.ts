import type { Digest } from '@trackway/protocol'

/** A body that is made for each attempt, since a stream that was sent cannot be sent again. */
export type MakeBody = () => { body: BodyInit; headers?: Record<string, string> }

/** A blob as it is sent: pieces to concatenate. */
export interface OutgoingBlob {
  digest: Digest
  bytes: readonly Uint8Array[]
  /** The size of all pieces together in bytes. */
  size: number
}
