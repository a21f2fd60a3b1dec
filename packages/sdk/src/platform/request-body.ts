import type { Digest } from '@trackway/protocol'

/** A body that is made for each attempt, since a stream that was sent cannot be sent again. */
export type MakeBody = () => { body: BodyInit; headers?: Record<string, string> }

/** A blob as it is sent. */
export interface OutgoingBlob {
  digest: Digest
  /** Bytes. */
  size: number
  /** Concatenated they are the blob. */
  bytes: readonly Uint8Array[]
  /** Called when the bytes are not needed any more. */
  release?: (() => void) | undefined
}

/** Makes multipart/form-data bodies of blobs. The runtime adds type and length. */
export function formOf(blobs: readonly OutgoingBlob[]): MakeBody {
  return () => {
    const form = new FormData()
    // None is in shared memory.
    for (const { digest, bytes } of blobs) form.append(digest, new Blob([...bytes] as BlobPart[]), 'blob')
    return { body: form }
  }
}
