import { TrackwayError } from '@trackway/protocol'
import type { OpenBucketObject } from '../bucket-object.ts'

/** By the client for S3 that stores use, with the credentials of this machine. Throws `config_invalid` without it. */
export const openBucketObject: OpenBucketObject = async (address, range) => {
  const { openS3Object } = await loadServer()
  return await openS3Object(address, range)
}

/** The server is optional: whoever has no data in buckets need not install it. */
async function loadServer() {
  try {
    return await import('@trackway/server/node')
  } catch (error) {
    throw new TrackwayError(
      'config_invalid',
      'What lies in a bucket is read by the package @trackway/server, which is not installed; install it, or refer to the object by an https:// address',
      { cause: error },
    )
  }
}
