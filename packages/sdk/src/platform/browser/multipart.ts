import type { OutgoingBlob } from '../../http/connection.ts'

/** Blobs as one multipart/form-data body. The browser adds its type and length. */
export function multipartBody(blobs: readonly OutgoingBlob[]): {
  body: BodyInit
  headers: Record<string, string>
} {
  const form = new FormData()
  for (const { digest, bytes } of blobs) form.append(digest, new Blob([...bytes] as BlobPart[]), 'blob') // None is in shared memory.
  return { body: form, headers: {} }
}
