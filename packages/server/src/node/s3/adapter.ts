import type { StoreAdapter } from '../store-adapter.ts'
import { parseS3Location } from './s3-location.ts'

/** Stores in buckets. */
export const s3Adapter: StoreAdapter = {
  form: 's3://bucket/prefix',
  parameters: '?endpoint=…&region=…',
  async open(location) {
    const parsed = parseS3Location(location)
    // The client for S3 takes a quarter of a second to load, which folders do not have to wait for.
    const { createS3Store } = await import('./s3-store.ts')
    return createS3Store(parsed)
  },
  needsExclusiveWriter: (location) => parseS3Location(location).exclusiveWriter,
}
