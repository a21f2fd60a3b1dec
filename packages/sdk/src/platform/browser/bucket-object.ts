import { TrackwayError } from '@trackway/protocol'
import type { OpenBucketObject } from '../bucket-object.ts'

export const openBucketObject: OpenBucketObject = () =>
  Promise.reject(
    new TrackwayError(
      'file_unsupported',
      'A browser has no credentials for a bucket; read it in Node, or refer to the object by an https:// address',
    ),
  )
