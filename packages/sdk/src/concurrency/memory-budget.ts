import { AbortedError } from '../errors.ts'

/**
 * Bytes that a transfer may hold in memory at a time. A task that needs memory waits in turn until it is
 * free.
 */
export interface MemoryBudget {
  take(bytes: number): Promise<void>
  give(bytes: number): void
}

export interface BudgetOptions {
  /** Called when a task has to wait: tasks that hold memory only to collect more of it release it. */
  onShortage(): void
  signal: AbortSignal
}

export function createMemoryBudget(total: number, { onShortage, signal }: BudgetOptions): MemoryBudget {
  const waiting: { bytes: number; resolve(): void; reject(error: unknown): void }[] = []
  let free = total
  signal.addEventListener('abort', () => {
    for (const { reject } of waiting.splice(0)) reject(new AbortedError(signal.reason))
  })

  function serve(): void {
    for (let first = waiting[0]; first !== undefined && first.bytes <= free; first = waiting[0]) {
      waiting.shift()
      free -= first.bytes
      first.resolve()
    }
  }

  return {
    take(wanted) {
      const bytes = Math.min(wanted, total)
      if (signal.aborted) return Promise.reject(new AbortedError(signal.reason))
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ bytes, resolve, reject })
      serve()
      if (waiting.length > 0) onShortage()
      return promise
    },
    give(given) {
      free += Math.min(given, total)
      serve()
    },
  }
}

/** Memory that several blobs share: it is freed when the last of them releases it. */
export interface Lease {
  /** Adds a user. Returns the function that this user calls when it is done. */
  share(): () => void
  /** The task that took the memory is done with it. */
  end(): void
}

export function createLease(giveBack: () => void): Lease {
  let users = 1
  function leave(): void {
    users -= 1
    if (users === 0) giveBack()
  }
  return {
    share() {
      users += 1
      return leave
    },
    end: leave,
  }
}
