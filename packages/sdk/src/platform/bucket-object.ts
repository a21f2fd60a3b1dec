/** An object of a user's bucket. */
export interface BucketObject {
  /** The size of the whole object in bytes. */
  size: number
  body: AsyncIterable<Uint8Array>
}

/** A range of the object at an `s3://` address; undefined if there is none. */
export type OpenBucketObject = (
  address: string,
  range?: { start: number; end: number },
) => Promise<BucketObject | undefined>
