import { backoffMs, TrackwayError } from '@trackway/protocol'
import type { Bucket } from './bucket.ts'
import { failureOf, isTransient, storeError, type S3Failure } from './s3-error.ts'

const mostAttempts = 8
/** Milliseconds after which no further attempt begins: a silent store was waited for long enough by then. */
const budgetMs = 40_000
const delays = { firstDelayMs: 100, maxDelayMs: 5_000 }

/**
 * Sends a request to a bucket until there is an answer: if a failure may pass, at most eight times, for less
 * than a minute, with growing pauses of random length. `doing` names the attempt in messages, such as `read
 * the object a/b`. `onFailure` is called with each failure, and may return the result itself.
 */
export async function sendAgain<T>(
  { description, sleep }: Bucket,
  doing: string,
  send: () => Promise<T>,
  onFailure: (failure: S3Failure) => Promise<{ answer: T } | undefined> | undefined = () => undefined,
): Promise<T> {
  const end = performance.now() + budgetMs
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send()
    } catch (error) {
      if (TrackwayError.isInstance(error)) throw error
      const failure = failureOf(error)
      const known = await onFailure(failure)
      if (known !== undefined) return known.answer
      if (!isTransient(failure) || attempt === mostAttempts || performance.now() > end)
        throw storeError(`${doing} in ${description}`, failure)
      await sleep(backoffMs(delays, attempt))
    }
  }
}
