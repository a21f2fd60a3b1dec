import { objectKeyOf, parseDataAddress } from '@trackway/protocol'
import type { ByteRange, ByteStream } from '../../stores/object-store.ts'
import type { Bucket } from './bucket.ts'
import { parseS3Location, type S3Location } from './s3-location.ts'

/** An object in a user's bucket. */
export interface S3Object {
  /** Bytes of the whole object. */
  size: number
  /** The requested bytes. Throws `store_unavailable` if the object changes while it is read. */
  body: ByteStream
}

const buckets = new Map<string, Bucket>()
/**
 * The most clients that are kept, so that naming thousands of buckets does not leave thousands of them open.
 */
const mostBuckets = 16

/**
 * An object that `s3://bucket/key?endpoint=…&region=…&addressing=…` names, or a range of it, with the
 * credentials of this machine; undefined if it does not exist. The key is percent-encoded as in any URL.
 * Throws `option_invalid`, and what a store in a bucket throws.
 */
export async function openS3Object(address: string, range?: ByteRange): Promise<S3Object | undefined> {
  const url = parseDataAddress(address)
  const location = parseS3Location(`${url.protocol}//${url.host}${url.search}`)
  // The client for S3 takes a quarter of a second to load.
  const [{ createBucket }, { getObject }] = await Promise.all([
    import('./bucket.ts'),
    import('./get-object.ts'),
  ])
  return await getObject(openBucket(location, createBucket), objectKeyOf(url), range)
}

/** One client for each bucket, which keeps its connections. */
function openBucket(location: S3Location, create: (location: S3Location) => Bucket): Bucket {
  const name = JSON.stringify(location)
  const bucket = buckets.get(name) ?? create(location)
  buckets.set(name, bucket)
  for (const oldest of buckets.keys()) if (buckets.size > mostBuckets) buckets.delete(oldest)
  return bucket
}
