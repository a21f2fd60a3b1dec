import { demandText, isAddress, isBucketAddress, TrackwayError, withoutSecrets } from '@trackway/protocol'
import { callback, checkOptions, flag, type KindsOf } from '@trackway/protocol/options'
import type { ObjectStore } from '../stores/object-store.ts'
import { probeSigning, withSigning } from '../stores/probe-signing.ts'
import { openDirectoryStore } from './directory-store.ts'
import { parseS3Location } from './s3/s3-location.ts'

/** How a store is opened. */
export interface OpenDataOptions {
  /**
   * Whether a bucket signs requests for others, as far as it is seen to enforce them: some fifty requests find out.
   * Default: false.
   */
  signing?: boolean | undefined
  /** Told why a bucket does not sign, or not all. */
  onProblem?: ((problem: string) => void) | undefined
}

const optionKinds = {
  signing: flag,
  onProblem: callback('(problem) => console.warn(problem)'),
} satisfies KindsOf<OpenDataOptions>

/**
 * Opens the store that a text names: `s3://bucket/prefix?endpoint=…&region=…`, or else a folder, which is made where it
 * is missing. Throws `option_invalid`, and `store_unsuitable` where a folder cannot be made.
 */
export async function openData(data: string, options: OpenDataOptions = {}): Promise<ObjectStore> {
  checkOptions('openData', options, optionKinds)
  const { signing = false, onProblem } = options
  demandText(data, 'A store', './store')
  if (isBucketAddress(data)) {
    const location = parseS3Location(data)
    // The client for S3 takes a quarter of a second to load, which folders need not wait for.
    const { createS3Store } = await import('./s3-store.ts')
    const store = createS3Store(location)
    return signing ? await probeSigning(store, onProblem) : withSigning(store, undefined)
  }
  if (!isAddress(data) && !/^s3\/\/|[?&]endpoint=/.test(data)) return await openDirectoryStore(data)
  throw new TrackwayError(
    'option_invalid',
    `'${withoutSecrets(data)}' is neither a folder nor a bucket; name a bucket as s3://bucket/prefix`,
  )
}
