import pLimit from 'p-limit'
import { throwIfAborted } from './abort.ts'

/** Runs at most this many tasks at once; further ones wait for their turn. */
export const createLimit = pLimit

/**
 * Does the same with each item, several at a time. After a failure or an abort no more items are started;
 * running ones are awaited, and then the first error is thrown, so that nothing is left running.
 */
export async function runLimited<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  { concurrency, signal }: { concurrency: number; signal?: AbortSignal | undefined },
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  let failure: { error: unknown } | undefined

  async function worker(): Promise<void> {
    for (const [index, item] of queue) {
      if (failure !== undefined) return
      try {
        throwIfAborted(signal)
        results[index] = await work(item)
      } catch (error) {
        failure ??= { error }
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker))
  if (failure !== undefined) throw failure.error
  return results
}

/**
 * Does the same with each item, `ahead` of them at a time, and yields the results in the order of the items.
 * Items whose results are not consumed are not started.
 */
export async function* runAhead<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  ahead: number,
): AsyncGenerator<Result, void, undefined> {
  const waiting: Promise<Result>[] = []
  try {
    for (const item of items) {
      const result = work(item)
      result.catch(() => {}) // Thrown in its turn.
      waiting.push(result)
      const first = waiting.length >= ahead ? waiting.shift() : undefined
      if (first !== undefined) yield await first
    }
    for (let first = waiting.shift(); first !== undefined; first = waiting.shift()) yield await first
  } finally {
    await Promise.allSettled(waiting)
  }
}
