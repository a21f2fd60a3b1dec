import { demandText, isAddress, TrackwayError, withoutSecrets } from '@trackway/protocol'
import { callback, checkOptions, flag, type KindsOf } from '@trackway/protocol/options'
import type { ObjectStore } from '../stores/object-store.ts'
import { probeSigning, withSigning } from '../stores/probe-signing.ts'
import { openDirectoryStore } from './directory/directory-store.ts'
import { adapterOf, bucketForms } from './store-schemes.ts'

/** Options of `openObjectStore`. */
export interface OpenObjectStoreOptions {
  /**
   * Whether a bucket signs requests for others, as far as it proves to enforce signatures: about fifty
   * requests find out. Default: false.
   */
  signing?: boolean | undefined
  /** Called with the reason why a bucket does not sign, or not everything. */
  onProblem?: ((problem: string) => void) | undefined
}

const optionKinds = {
  signing: flag,
  onProblem: callback('(problem) => console.warn(problem)'),
} satisfies KindsOf<OpenObjectStoreOptions>

/**
 * Opens the store at a location: the URL of a bucket, or the path of a folder, which is created if it does
 * not exist. Throws `option_invalid`, and `store_unsuitable` if a folder cannot be created.
 */
export async function openObjectStore(
  location: string,
  options: OpenObjectStoreOptions = {},
): Promise<ObjectStore> {
  checkOptions('openObjectStore', options, optionKinds)
  const { signing = false, onProblem } = options
  demandText(location, 'A store', './store')
  const adapter = adapterOf(location)
  if (adapter !== undefined) {
    const store = await adapter.open(location)
    return signing ? await probeSigning(store, onProblem) : withSigning(store, undefined)
  }
  if (!isAddress(location) && !/^s3\/\/|[?&]endpoint=/.test(location))
    return await openDirectoryStore(location)
  throw new TrackwayError(
    'option_invalid',
    `The store '${withoutSecrets(location)}' is neither a folder nor a bucket; name a bucket as ${bucketForms}`,
  )
}
