import type { OutgoingBlob } from '../request-body.ts'

/** A blob as a body of its own. The browser states its length. */
export function blobBody({ bytes }: OutgoingBlob): { body: BodyInit; headers: Record<string, string> } {
  return { body: new Blob([...bytes] as BlobPart[]), headers: {} } // None is in shared memory.
}
