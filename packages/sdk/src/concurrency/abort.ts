import { AbortedError } from '../errors.ts'
import { anySignal } from './any-signal.ts'

/** Throws `AbortedError` where the caller has given up. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(signal.reason)
}

/** What a promise gives, unless the caller gives up before: what it stands for goes on. Throws `AbortedError`. */
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
