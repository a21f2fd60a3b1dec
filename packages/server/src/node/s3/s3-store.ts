import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { assertObjectKey } from '../../stores/object-key.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { createBucket, type Bucket, type BucketOptions } from './bucket.ts'
import { writeExclusively } from './exclusive-writer.ts'
import { getObject, headObject } from './get-object.ts'
import { listObjects } from './list-objects.ts'
import { putAlways, putIfAbsent } from './put-object.ts'
import type { S3Location } from './s3-location.ts'
import { storeError, type S3Failure } from './s3-error.ts'
import { sendAgain } from './send-again.ts'
import { createSigning } from './sign-requests.ts'

/**
 * A store in a bucket of Amazon S3, or of anything else that speaks its protocol, which any number of
 * processes on any number of machines may use at once. It sends no requests yet: `probeStore` finds out
 * whether the bucket keeps the promises of an object store.
 *
 * An object is one S3 object with the same key below the location's prefix, written by one conditional `PUT`.
 * Each body carries its SHA-256, which the store compares before it answers. The store signs requests:
 * `probeSigning` finds out how far it enforces what is signed.
 */
export function createS3Store(location: S3Location, played: BucketOptions = {}): ObjectStore {
  const bucket = createBucket(location, played)
  const { get, put } = createSigning(bucket)
  const signGet = checked(get)
  const store = {
    description: bucket.description,
    get: checked((key, range) => getObject(bucket, key, range)),
    head: checked((key) => headObject(bucket, key)),
    putIfAbsent: checked((key, body) => putIfAbsent(bucket, key, body)),
    list: (options) => listObjects(bucket, options),
    delete: checked((key) => deleteObject(bucket, key)),
    signing: { get: signGet, put: checked(put) },
  } satisfies ObjectStore
  if (!location.exclusiveWriter) return store
  // Those who use presigned PUTs would be further writers.
  return writeExclusively({ ...store, signing: { get: signGet } }, (key, body) =>
    putAlways(bucket, key, body),
  )
}

function checked<Rest extends unknown[], Answer>(
  act: (key: string, ...rest: Rest) => Promise<Answer>,
): (key: string, ...rest: Rest) => Promise<Answer> {
  return async (key, ...rest) => {
    assertObjectKey(key)
    return await act(key, ...rest)
  }
}

/**
 * A deletion without an answer from the store may still happen later, when somebody may have stored the
 * object again. So it is reported as a failure, and not sent a second time: the second answer would suggest
 * that all is over.
 */
async function deleteObject(bucket: Bucket, key: string): Promise<void> {
  const doing = `delete the object ${key}`
  const fail = (failure: S3Failure) => storeError(`${doing} in ${bucket.description}`, failure)
  await sendAgain<unknown>(
    bucket,
    doing,
    async () => {
      const command = new DeleteObjectCommand({ Bucket: bucket.name, Key: bucket.prefix + key })
      const { $metadata: answer } = await bucket.client.send(command)
      const failure = { name: 'NotS3', message: `${answer.httpStatusCode} is not a store's answer to it` }
      if (answer.httpStatusCode !== 204) throw fail({ ...failure, status: answer.httpStatusCode })
    },
    (failure) => {
      if (failure.name === 'NoSuchKey') return Promise.resolve({ answer: undefined })
      const isPutOff = failure.status === 429 || failure.name === 'SlowDown'
      return isPutOff ? undefined : Promise.reject(fail(failure))
    },
  )
}
