import { TrackwayError } from '@trackway/protocol'
import type { BodyLimits } from './limits.ts'

/** Requires a minimum pace of a body. Only the time spent waiting for it counts. */
export interface PaceWatch {
  /** Waits for the next bytes. Throws `body_too_slow` if too few arrived for too long. */
  next<T extends { value?: Uint8Array | undefined }>(read: Promise<T>): Promise<T>
}

export function createPaceWatch({
  bytesPerSecond,
  windowMs,
}: Pick<BodyLimits, 'bytesPerSecond' | 'windowMs'>): PaceWatch {
  const least = (bytesPerSecond * windowMs) / 1000
  let waitedMs = 0
  let bytes = 0

  function endWindow(): void {
    if (bytes < least) throw tooSlow(bytesPerSecond, windowMs)
    waitedMs = 0
    bytes = 0
  }

  return {
    async next(read) {
      for (;;) {
        const begin = performance.now()
        const result = await within(read, windowMs - waitedMs)
        waitedMs += performance.now() - begin
        if (result !== undefined) {
          bytes += result.value?.length ?? 0
          if (waitedMs >= windowMs) endWindow()
          return result
        }
        endWindow()
      }
    },
  }
}

/** The result of a promise; undefined if it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(ms, 1))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

function tooSlow(bytesPerSecond: number, windowMs: number): TrackwayError {
  return new TrackwayError(
    'body_too_slow',
    `The body arrived at less than ${bytesPerSecond} bytes per second over ${windowMs / 1000} seconds (bytesPerSecond); send it again over a better connection`,
    { details: { limit: 'bytesPerSecond', maximum: bytesPerSecond } },
  )
}
