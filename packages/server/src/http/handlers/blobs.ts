import { digestHex, TrackwayError, type Digest, type blobRoutes } from '@trackway/protocol'
import { readBlobParts } from '../blob-parts.ts'
import { bytesResponse } from '../bytes-response.ts'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

export const blobHandlers: RouteHandlers<typeof blobRoutes> = {
  async findMissingBlobs({ engine, parameters, body }) {
    if (body.digests.length > engine.limits.digests) {
      throw new TrackwayError(
        'too_large',
        `${body.digests.length} digests are more than the ${engine.limits.digests} that this server allows at once`,
        {
          details: { limit: 'digests', maximum: engine.limits.digests },
        },
      )
    }
    return json({ missing: await engine.blobs.findMissing(parameters.team, body.digests) })
  },

  async putBlobs({ engine, quotas, parameters: { team }, request, receive }) {
    const parts = readBlobParts(request, receive, engine.limits)
    const isStored = async (digest: Digest) => (await engine.blobs.findMissing(team, [digest])).length === 0
    return json(await engine.blobs.put(team, quotas?.admitBlobs(parts, isStored) ?? parts))
  },

  getBlob: ({ engine, parameters: { team, digest }, request, onBroken }) =>
    bytesResponse(
      { request, onBroken },
      {
        tag: digestHex(digest),
        type: 'application/octet-stream',
        open: (range) => engine.blobs.get(team, digest, range),
        size: () => engine.blobs.size(team, digest),
      },
    ),

  presignDownloads: async ({ engine, parameters, body }) =>
    json({ urls: await engine.presignedUrls.download(parameters.team, body.digests) }),

  async presignUploads({ engine, quotas, parameters, body }) {
    const fitting: typeof body.blobs = []
    // Blobs that do not fit get no presigned URL, so that they come through the server, which explains the
    // refusal.
    for (const blob of body.blobs) if ((await quotas?.offerBytes(blob.size)) ?? true) fitting.push(blob)
    return json({ urls: await engine.presignedUrls.upload(parameters.team, fitting) })
  },
}
