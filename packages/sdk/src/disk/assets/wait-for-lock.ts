import { AbortedError } from '../../errors.ts'
import type { Lock } from '../files/lock-file.ts'
import { throwIfAborted } from '../../concurrency/abort.ts'
import { tryLock } from '../files/lock-file.ts'

const firstDelayMs = 20
const longestDelayMs = 250

/**
 * Waits for the lock. Undefined: it is not needed any more, since another holder did the work. There is no
 * time limit on the holder; if it dies, the next waiter gets the lock.
 */
export async function waitForLock(
  path: string,
  { isNeeded, signal }: { isNeeded(): Promise<boolean>; signal?: AbortSignal | undefined },
): Promise<Lock | undefined> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 1.5, longestDelayMs)) {
    throwIfAborted(signal)
    const lock = await tryLock(path)
    if (!(await isNeeded())) {
      if (lock !== 'held') await lock.release()
      return undefined
    }
    if (lock !== 'held') return lock
    await delay(delayMs, signal)
  }
}

function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(new AbortedError(signal?.reason))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
