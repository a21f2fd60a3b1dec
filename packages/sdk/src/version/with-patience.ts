import { TrackwayError } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import type { Place } from '../client/scope.ts'

/** Milliseconds to wait for a server where what it said before will do. */
const patienceMs = 10_000

/**
 * Does something that asks a server, but not for as long as a request may be sent again, which is a quarter of an hour.
 * Throws `timeout` then.
 */
export async function withPatience<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  { attempted, place, signal }: { attempted: string; place: Place; signal: AbortSignal | undefined },
): Promise<Result> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patienceMs)
  try {
    return await work(anySignal(controller.signal, signal))
  } catch (error) {
    if (!controller.signal.aborted || signal?.aborted) throw error
    throw new TrackwayError(
      'timeout',
      `${attempted}: ${place.connection.url} did not answer within ${patienceMs / 1000} seconds; try again`,
      { cause: error },
    )
  } finally {
    clearTimeout(timer)
  }
}
