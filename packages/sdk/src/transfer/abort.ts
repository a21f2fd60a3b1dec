import { AbortedError } from '../errors.ts'

/** Throws `AbortedError` where the caller has given up. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(signal.reason)
}
