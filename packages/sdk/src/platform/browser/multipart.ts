import type { MakeBody, OutgoingBlob } from '../request-body.ts'

/** Makes multipart/form-data bodies of blobs. The runtime adds type and length. */
export async function multipartBody(blobs: readonly OutgoingBlob[]): Promise<MakeBody> {
  return () => {
    const form = new FormData()
    for (const { digest, bytes } of blobs) form.append(digest, new Blob([...bytes] as BlobPart[]), 'blob') // None is in shared memory.
    return { body: form }
  }
}
