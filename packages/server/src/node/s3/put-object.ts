import { createHash } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { ObjectBody } from '../../stores/object-store.ts'
import type { Bucket } from './bucket.ts'
import { getObject, headObject } from './get-object.ts'
import { mayHaveHappened, type S3Failure } from './s3-error.ts'
import { sendAgain } from './send-again.ts'
import { sizeBody, type SizedBody } from './sized-body.ts'

/** For bodies of at least this size, check whether the key is free before sending them. */
const lookFirstBytes = 8 * 1024 * 1024

/**
 * Stores an object under a key that is free. The condition `If-None-Match: *` decides: 412 means that the key
 * is taken, 409 that another write is under way. If a reply was lost, the object may be our own: then the
 * stored bytes are compared with those that were sent.
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)
 */
export async function putIfAbsent(bucket: Bucket, key: string, body: ObjectBody): Promise<boolean> {
  const sized = await sizeBody(body)
  try {
    // A store that refuses in the middle of a body may cut the connection before its answer is read.
    if (sized.size > lookFirstBytes && (await headObject(bucket, key)) !== undefined) return false
    return await putSized(bucket, key, sized)
  } finally {
    await sized.dispose()
  }
}

/** Stores an object, and overwrites any other: for stores without conditional requests. */
export async function putAlways(bucket: Bucket, key: string, body: ObjectBody): Promise<void> {
  const sized = await sizeBody(body)
  try {
    await sendAgain(bucket, `store the object ${key}`, () => send(bucket, key, sized, false))
  } finally {
    await sized.dispose()
  }
}

async function putSized(bucket: Bucket, key: string, body: SizedBody): Promise<boolean> {
  let mayBeOurs = false
  const onFailure = async (failure: S3Failure) => {
    const { status } = failure
    if (status !== 412 && status !== 409) {
      mayBeOurs ||= mayHaveHappened(failure)
      return undefined
    }
    // The winner of a conflict may still be writing, or its object may be deleted already: then the put is
    // repeated.
    if (status === 409 && (await headObject(bucket, key)) === undefined) return undefined
    if (!mayBeOurs) return { answer: false }
    const isSame = await holds(bucket, key, body)
    return isSame === undefined ? undefined : { answer: isSame }
  }
  return await sendAgain(
    bucket,
    `store the object ${key}`,
    async () => {
      await send(bucket, key, body, true)
      return true
    },
    onFailure,
  )
}

async function send(bucket: Bucket, key: string, body: SizedBody, ifAbsent: boolean): Promise<void> {
  const stream = body.open()
  const command = new PutObjectCommand({
    Bucket: bucket.name,
    Key: bucket.prefix + key,
    Body: stream,
    ContentLength: body.size,
    ContentType: 'application/octet-stream',
    ChecksumSHA256: body.sha256.toString('base64'),
    // Rule: an object is put only if its key is free.
    ...(ifAbsent && { IfNoneMatch: '*' }),
  })
  // The signature covers the bytes, even if the store does not know checksums.
  command.middlewareStack.add(
    (next) => (step) => {
      const { request } = step
      if (typeof request === 'object' && request !== null && 'headers' in request) {
        Object.assign(request.headers as object, { 'x-amz-content-sha256': body.sha256.toString('hex') })
      }
      return next(step)
    },
    { step: 'build', name: 'signBytes' },
  )
  // The client neither handles the stream's errors nor ends it.
  const reading = new AbortController()
  stream.once('error', (error) => reading.abort(error))
  try {
    const { ETag: etag } = await bucket.client.send(command, { abortSignal: reading.signal })
    if (etag === undefined) throw new Error('the answer does not confirm that the object is stored')
  } finally {
    stream.destroy()
  }
}

/** Whether an object has exactly these bytes; undefined if it does not exist. */
async function holds(bucket: Bucket, key: string, { size, sha256 }: SizedBody): Promise<boolean | undefined> {
  const object = await getObject(bucket, key)
  if (object === undefined) return undefined
  if (object.size !== size) return false
  const hash = createHash('sha256')
  for await (const piece of object.body) hash.update(piece)
  return hash.digest().equals(sha256)
}
