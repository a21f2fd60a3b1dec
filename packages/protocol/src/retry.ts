// When a failed request is sent again: the same rules for clients and for a server's object store.

/** Answers of 500 and more that another attempt does not change. */
const lastingStatuses = new Set([501, 505, 507, 511])

/** Whether a request that got an answer with this status may succeed later. */
export function isTransientStatus(status: number): boolean {
  return status >= 500 ? !lastingStatuses.has(status) : [408, 425, 429].includes(status)
}

/**
 * Milliseconds to wait after this many consecutive failures: doubled for each, up to a limit. Half of it is
 * random, so that clients that failed together do not come back together.
 */
export function backoffMs(
  { firstDelayMs, maxDelayMs }: { firstDelayMs: number; maxDelayMs: number },
  failures: number,
): number {
  return Math.min(firstDelayMs * 2 ** (failures - 1), maxDelayMs) * (0.5 + Math.random() / 2)
}

/**
 * Milliseconds that an answer asks to wait before the next attempt, given in seconds or as a date; undefined
 * if it does not.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms > 0 ? ms : undefined
}
