import { isBucketAddress, parseDataAddress, TrackwayError } from '@trackway/protocol'
import { openBucketObject } from '#platform'
import type { Elsewhere } from '../client/elsewhere.ts'
import { readElsewhere, type WantedBytes } from '../client/read-elsewhere.ts'
import { unlessAborted } from '../concurrency/abort.ts'

/** Which bytes at an address are needed. */
export type AddressRead = Omit<WantedBytes, 'url'> & {
  /** `https://…`, `http://…` or `s3://…`. */
  address: string
}

/**
 * The bytes at an address, as they arrive: no more than are needed, and checked only for their number. Throws
 * `file_unsupported` for an address that cannot be fetched, `not_found`, `forbidden`, `network_error`,
 * `timeout`, `store_unavailable`, the error of `changed`, `aborted`.
 */
export function readAddress(
  elsewhere: Elsewhere,
  { address, ...wanted }: AddressRead,
): AsyncGenerator<Uint8Array, void, undefined> {
  const url = parseStored(address, wanted.attempted)
  return isBucketAddress(url.href) ? readBucket(url, wanted) : readElsewhere(elsewhere, { ...wanted, url })
}

/** An address from a manifest, which may contain anything. */
function parseStored(address: string, attempted: string): URL {
  try {
    return parseDataAddress(address)
  } catch (error) {
    if (!TrackwayError.isInstance(error)) throw error
    throw new TrackwayError(
      'file_unsupported',
      `${attempted}: this address cannot be fetched. ${error.reason}`,
    )
  }
}

async function* readBucket(
  url: URL,
  { attempted, start, end, size, changed, signal }: Omit<AddressRead, 'address'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (openBucketObject === undefined) {
    throw new TrackwayError(
      'file_unsupported',
      `${attempted}: A browser has no credentials for a bucket; read it in Node, or refer to the object by an https:// address`,
    )
  }
  const asked = <Result>(promise: Promise<Result>) => unlessAborted(naming(attempted, promise), signal)
  const object = await asked(openBucketObject(url.href, end === undefined ? undefined : { start, end }))
  if (object === undefined)
    throw new TrackwayError('not_found', `${attempted}: the object does not exist any more`)
  if (size !== undefined && object.size !== size) throw changed(`${object.size} bytes`)
  const pieces = object.body[Symbol.asyncIterator]()
  for (let next = await asked(pieces.next()); !next.done; next = await asked(pieces.next())) yield next.value
}

/** A store's error about an object does not name the entry. */
async function naming<Result>(attempted: string, promise: Promise<Result>): Promise<Result> {
  try {
    return await promise
  } catch (error) {
    if (!TrackwayError.isInstance(error)) throw error
    const { code, reason, hint, details, retryable } = error
    throw new TrackwayError(code, `${attempted}: ${reason}`, { hint, details, retryable })
  }
}
