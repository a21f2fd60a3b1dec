/** Tells people, once for all requests of a session, that one has been sent again and again for a while, and when it got through. */
export interface RetryNotice {
  /** Watches over a request. */
  watch(): WatchedRequest
}

export interface WatchedRequest {
  /** It failed for this reason, and is sent again. */
  failed(reason: string): void
  /** It got through, or is given up. */
  end(succeeded: boolean): void
}

/** Milliseconds that a retry may take without a word. */
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
                `${label} does not answer as it should (${last}); trying for up to ${durationOf(budgetMs)}`,
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
