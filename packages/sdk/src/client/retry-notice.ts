/**
 * Reports, once for all requests of a session, that a request has been retried for a while, and when it
 * succeeded.
 */
export interface RetryNotice {
  /** Observes a request. */
  watch(): WatchedRequest
}

export interface WatchedRequest {
  /** It failed for this reason, and is retried. */
  failed(reason: string): void
  /** It succeeded, or is given up. */
  end(succeeded: boolean): void
}

/** Milliseconds for which retries are not reported. */
const quietMs = 5_000

export function createRetryNotice(
  label: string,
  { budgetMs, print }: { budgetMs: number; print: (text: string) => void },
): RetryNotice {
  const mentioned = new Set<WatchedRequest>()
  return {
    watch() {
      let timer: ReturnType<typeof setTimeout> | undefined
      let last = ''
      const request: WatchedRequest = {
        failed(reason) {
          last = reason
          timer ??= setTimeout(() => {
            if (mentioned.size === 0)
              print(
                `${label} does not answer as expected (${last}); retrying for up to ${durationOf(budgetMs)}`,
              )
            mentioned.add(request)
          }, quietMs)
        },
        end(succeeded) {
          clearTimeout(timer)
          if (mentioned.delete(request) && mentioned.size === 0 && succeeded) print(`${label} answers again`)
        },
      }
      return request
    },
  }
}

/** A time in words, such as `15 minutes`. */
export function durationOf(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} seconds` : `${Math.round(ms / 60_000)} minutes`
}
