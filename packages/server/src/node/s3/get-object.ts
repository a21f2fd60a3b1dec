import { GetObjectCommand, HeadObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { TrackwayError } from '@trackway/protocol'
import { clampRange } from '../../stores/byte-range.ts'
import type { ByteRange, ByteStream, ObjectInfo, StoredObject } from '../../stores/object-store.ts'
import type { Bucket } from './bucket.ts'
import { sendAgain } from './send-again.ts'

/** The most that one request reads: only the blobs of the largest files need a second one. */
const pieceSize = 4 * 1024 * 1024

/** The bytes of an object or a range of it, in pieces: the first is read at once, the others on demand. */
export async function getObject(
  bucket: Bucket,
  key: string,
  range?: ByteRange,
): Promise<StoredObject | undefined> {
  const start = range?.start ?? 0
  const end = Math.min(range?.end ?? Number.POSITIVE_INFINITY, start + pieceSize)
  const first = end > start ? await getPiece(bucket, key, { start, end }) : 'beyond'
  if (first === undefined) return undefined
  if (first === 'beyond') {
    const info = await headObject(bucket, key)
    return info && { ...info, body: givePieces() }
  }
  const { info, etag, bytes } = first
  const wanted = clampRange(range, info.size)
  const rest = { start: wanted.start + bytes.length, end: wanted.end }
  return { ...info, body: givePieces(bytes, readOn(bucket, info, etag, rest)) }
}

export async function headObject(bucket: Bucket, key: string): Promise<ObjectInfo | undefined> {
  return await sendAgain(
    bucket,
    `look for the object ${key}`,
    async () => {
      const answer = await bucket.client.send(
        new HeadObjectCommand({ Bucket: bucket.name, Key: bucket.prefix + key }),
      )
      if (answer.ContentLength === undefined) throw new Error('the answer lacks the size')
      return describe(bucket, key, { answer, size: answer.ContentLength })
    },
    ({ name, status }) =>
      status === 404 && name !== 'NoSuchBucket' ? Promise.resolve({ answer: undefined }) : undefined,
  )
}

async function* givePieces(first?: Uint8Array, rest?: ByteStream): ByteStream {
  if (first !== undefined && first.length > 0) yield first
  if (rest !== undefined) yield* rest
}

/** The object may be deleted and written again while it is read; the parts must not be mixed. */
async function* readOn(
  bucket: Bucket,
  { key, size }: ObjectInfo,
  etag: string | undefined,
  { start, end }: ByteRange,
): ByteStream {
  for (let from = start; from < end; ) {
    const piece = await getPiece(bucket, key, { start: from, end: Math.min(end, from + pieceSize) }, etag)
    if (piece === undefined || piece === 'beyond' || piece.info.size !== size)
      throw goneMeanwhile(bucket, key)
    yield piece.bytes
    from += piece.bytes.length
  }
}

function goneMeanwhile(bucket: Bucket, key: string): TrackwayError {
  return new TrackwayError(
    'store_unavailable',
    `The object ${key} in ${bucket.description} was deleted while it was read`,
  )
}

interface Piece {
  info: ObjectInfo
  etag: string | undefined
  bytes: Uint8Array
}

/** One range in one request; `beyond` if the object ends before it. */
async function getPiece(
  bucket: Bucket,
  key: string,
  { start, end }: ByteRange,
  etag?: string,
): Promise<Piece | 'beyond' | undefined> {
  const read = async () => {
    const answer = await bucket.client.send(
      new GetObjectCommand({
        Bucket: bucket.name,
        Key: bucket.prefix + key,
        Range: `bytes=${start}-${end - 1}`,
        ...(etag !== undefined && { IfMatch: etag }),
      }),
    )
    return await readAnswer(bucket, key, { start, end }, answer)
  }
  return await sendAgain<Piece | 'beyond' | undefined>(
    bucket,
    `read the object ${key}`,
    read,
    ({ name, status }) => {
      if (status === 416) return Promise.resolve({ answer: 'beyond' })
      // Only the store's own answer counts, not that of a proxy in front of it.
      const isGone = name === 'NoSuchKey' || (etag !== undefined && status === 412)
      return isGone ? Promise.resolve({ answer: undefined }) : undefined
    },
  )
}

async function readAnswer(
  bucket: Bucket,
  key: string,
  { start, end }: ByteRange,
  answer: GetObjectCommandOutput,
): Promise<Piece> {
  const size = sizeOf(answer)
  const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0)
  const expected = Math.min(end, size) - start
  if (bytes.length !== expected) {
    throw new Error(`the answer has ${bytes.length} bytes of the range from ${start} to ${end} of ${size}`)
  }
  return { info: describe(bucket, key, { answer, size }), etag: answer.ETag, bytes }
}

/** The size of the whole object, which the answer to a range request has after the slash. */
function sizeOf({ ContentRange: range, ContentLength: length }: GetObjectCommandOutput): number {
  const total = /\/(\d+)$/.exec(range ?? '')?.[1] ?? length
  if (total === undefined) throw new Error('the answer lacks the size')
  return Number(total)
}

function describe(
  { timeOf }: Bucket,
  key: string,
  { answer, size }: { answer: { LastModified?: Date | undefined }; size: number },
): ObjectInfo {
  return { key, size, ageMs: ageOf(timeOf(answer), answer.LastModified) }
}

/**
 * Stores return both times in whole seconds, one rounded and one truncated: so an age is never negative. An
 * answer without one of them is an error: an object of unknown age would count as old in a sweep.
 */
export function ageOf(nowMs: number | undefined, stored: Date | undefined): number {
  if (nowMs === undefined || stored === undefined) throw new Error('the answer lacks the time')
  return Math.max(0, nowMs - stored.getTime())
}
