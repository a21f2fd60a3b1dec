// What is stored with the body of one request: blobs and manifests.
import {
  ndjsonMediaType,
  TrackwayError,
  type BlobsAnswer,
  type Digest,
  type ManifestAnswer,
} from '@trackway/protocol'
import { blobBody, multipartBody } from '#platform'
import type { OutgoingBlob } from '../platform/request-body.ts'
import { mostAnswerBytes, type Call } from './call.ts'
import type { RequestInput } from './request.ts'

interface Input extends Pick<RequestInput, 'attempted' | 'signal'> {
  team: string
}

/**
 * Sends blobs in one request, or in two halves if together they are too large for the server or for a proxy.
 */
export async function putBlobs(
  connection: { call: Call },
  { blobs, ...input }: Input & { blobs: readonly OutgoingBlob[] },
): Promise<BlobsAnswer> {
  const { team, ...asked } = input
  try {
    const makeBody = await multipartBody(blobs)
    return await connection.call('putBlobs', { ...asked, parameters: { team }, makeBody })
  } catch (error) {
    const tooLarge = TrackwayError.hasCode(error, 'too_large')
    if (!tooLarge || blobs.length <= 1) throw error
    const half = Math.ceil(blobs.length / 2)
    const first = await putBlobs(connection, { ...input, blobs: blobs.slice(0, half) })
    const second = await putBlobs(connection, { ...input, blobs: blobs.slice(half) })
    return { stored: [...first.stored, ...second.stored], known: [...first.known, ...second.known] }
  }
}

/** Stores a manifest, which is given in pieces. */
export function putManifest(
  { call }: { call: Call },
  {
    team,
    digest,
    pieces,
    base,
    ...input
  }: Input & {
    digest: Digest
    pieces: readonly Uint8Array[]
    base?: { experiment: string; spec: string }
  },
): Promise<ManifestAnswer> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0)
  return call('putManifest', {
    ...input,
    parameters: { team, digest },
    query: { experiment: base?.experiment, base: base?.spec },
    // It may name every blob of the manifest.
    mostBytes: Math.max(mostAnswerBytes, 2 * size),
    makeBody() {
      const { body, headers } = blobBody({ digest, bytes: pieces, size })
      return { body, headers: { ...headers, 'content-type': ndjsonMediaType } }
    },
  })
}
