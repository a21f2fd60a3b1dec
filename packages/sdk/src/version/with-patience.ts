import { TrackwayError } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import type { Scope } from '../client/scope.ts'

/** Milliseconds to wait for a server whose last answer can be used instead. */
const patienceMs = 10_000

/**
 * Performs a request, but waits less than the time for retries, which is a quarter of an hour. Throws
 * `timeout` after that.
 */
export async function withPatience<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  { attempted, scope, signal }: { attempted: string; scope: Scope; signal: AbortSignal | undefined },
): Promise<Result> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patienceMs)
  try {
    return await work(anySignal(controller.signal, signal))
  } catch (error) {
    if (!controller.signal.aborted || signal?.aborted) throw error
    throw new TrackwayError(
      'timeout',
      `${attempted}: ${scope.connection.url} did not answer within ${patienceMs / 1000} seconds; try again`,
      { cause: error },
    )
  } finally {
    clearTimeout(timer)
  }
}
