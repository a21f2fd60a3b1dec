import { messageOf, TrackwayError } from '@trackway/protocol'
import { systemCodeOf } from '@trackway/protocol/node'

/**
 * Why the package @trackway/server, which is optional, could not be loaded. `needs` says what it is needed for, and
 * `otherwise` what does without it.
 */
export function serverMissing(cause: unknown, needs: string, otherwise: string): TrackwayError {
  const isMissing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCodeOf(cause) ?? '')
  const why = isMissing
    ? 'is not installed; install it'
    : `could not be loaded (${messageOf(cause)}); where the program is bundled, leave @trackway/sdk and @trackway/server out of the bundle and install them beside it`
  return new TrackwayError(
    'config_invalid',
    `${needs} needs the package @trackway/server, which ${why}, or ${otherwise}`,
    { cause },
  )
}
