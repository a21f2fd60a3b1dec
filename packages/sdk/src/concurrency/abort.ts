import { AbortedError } from '../errors.ts'
import { anySignal } from './any-signal.ts'

/** Throws `AbortedError` if the caller has canceled. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(signal.reason)
}

/**
 * The result of a promise, unless the caller cancels before: its work then continues. Throws `AbortedError`.
 */
export async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise
  const over = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new AbortedError(signal.reason))
    if (signal.aborted) giveUp()
    else anySignal(signal).addEventListener('abort', giveUp, { signal: over.signal })
  })
  try {
    return await Promise.race([aborted, promise])
  } finally {
    over.abort()
  }
}
