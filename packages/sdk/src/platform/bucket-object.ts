/** An object of somebody's bucket. */
export interface BucketObject {
  /** Bytes of the whole object. */
  size: number
  body: AsyncIterable<Uint8Array>
}

/** A range of the object that an `s3://` address names; undefined where there is none. */
export type OpenBucketObject = (
  address: string,
  range?: { start: number; end: number },
) => Promise<BucketObject | undefined>
