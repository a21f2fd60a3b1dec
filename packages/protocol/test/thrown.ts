import { TrackwayError, type ErrorCode } from '../src/index.ts'

/** The Trackway error that an action throws. Fails if it throws anything else or nothing. */
export function thrown(action: () => unknown): TrackwayError {
  let result: unknown
  try {
    result = action()
  } catch (error) {
    if (error instanceof TrackwayError) return error
    throw error
  }
  throw new Error(`Nothing was thrown; the result was ${JSON.stringify(result)}`)
}

/**
 * The code of the Trackway error that an action throws; undefined if it succeeds. Any other error is
 * rethrown.
 */
export function codeOf(action: () => unknown): ErrorCode | undefined {
  try {
    action()
  } catch (error) {
    if (error instanceof TrackwayError) return error.code
    throw error
  }
  return undefined
}
