import type { OutgoingBlob } from '../request-body.ts'

/** A blob as the whole body. The browser sets its length. */
export function blobBody({ bytes }: OutgoingBlob): { body: BodyInit; headers: Record<string, string> } {
  return { body: new Blob([...bytes] as BlobPart[]), headers: {} } // None is in shared memory.
}
