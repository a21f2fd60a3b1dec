import type { OpenBucketObject } from '../bucket-object.ts'
import { serverMissing } from './server-missing.ts'

/** Uses the stores' S3 client, with the credentials of this machine. Throws `config_invalid` without it. */
export const openBucketObject: OpenBucketObject = async (address, range) => {
  const { openS3Object } = await loadServer()
  return await openS3Object(address, range)
}

async function loadServer() {
  try {
    return await import('@trackway/server/node')
  } catch (error) {
    throw serverMissing(error, 'Reading from a bucket', 'refer to the object by an https:// address')
  }
}
