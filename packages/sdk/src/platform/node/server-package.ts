import { messageOf, TrackwayError } from '@trackway/protocol'
import { systemCodeOf } from '@trackway/protocol/node'
import type { OpenBucketObject } from '../platform.ts'

/** Uses the stores' S3 client, with the credentials of this machine. */
export const openBucketObject: OpenBucketObject = async (address, range) => {
  const { openS3Object } = await loadStores()
  return await openS3Object(address, range)
}

async function loadStores() {
  try {
    return await import('@trackway/server/node')
  } catch (error) {
    throw serverMissing(error, 'Reading from a bucket', 'refer to the object by an https:// address')
  }
}

/**
 * Why the optional package @trackway/server could not be loaded. `needs` says what needs it, and `otherwise`
 * how to do without it.
 */
export function serverMissing(cause: unknown, needs: string, otherwise: string): TrackwayError {
  const isMissing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCodeOf(cause) ?? '')
  const why = isMissing
    ? 'is not installed; install it'
    : `could not be loaded (${messageOf(cause)}); if the program is bundled, exclude @trackway/sdk and @trackway/server from the bundle and install them beside it`
  return new TrackwayError(
    'config_invalid',
    `${needs} needs the package @trackway/server, which ${why}, or ${otherwise}`,
    { cause },
  )
}
