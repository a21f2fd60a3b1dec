import { failureOf, isTransient, storeError, type S3Failure } from './s3-error.ts'

const mostAttempts = 6
const firstDelayMs = 100
const longestDelayMs = 5_000

/**
 * Asks until there is an answer: six times at most, with growing pauses of random length, where a failure may pass.
 * `doing` says for messages what is attempted, such as `read the object a/b in the bucket …`. `onFailure` is told of
 * each failure, and may give the answer itself.
 */
export async function sendAgain<T>(
  doing: string,
  send: () => Promise<T>,
  onFailure: (failure: S3Failure) => Promise<{ answer: T } | undefined> | undefined = () => undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send()
    } catch (error) {
      const failure = failureOf(error)
      const known = await onFailure(failure)
      if (known !== undefined) return known.answer
      if (!isTransient(failure) || attempt === mostAttempts) throw storeError(doing, failure)
      await pause(attempt)
    }
  }
}

/** Half of it by chance, so that clients that failed together don't come back together. */
function pause(attempt: number): Promise<void> {
  const longest = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs)
  return new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)))
}
