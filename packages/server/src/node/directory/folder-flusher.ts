/** Answers once what was in a folder when it was called survives a power loss. */
export type FlushFolder = (folder: string) => Promise<void>

/**
 * Groups flushes: callers who come while a folder is being flushed share one flush, which starts when that one is
 * over. (They can't share the one under way: it may have passed their change already.) So a request that stores many
 * objects at once costs a few flushes.
 */
export function createFolderFlusher(flushNow: FlushFolder): FlushFolder {
  const running = new Map<string, Promise<void>>()
  const waiting = new Map<string, Promise<void>>()

  function start(folder: string): Promise<void> {
    waiting.delete(folder)
    const flush = flushNow(folder).finally(() => running.delete(folder))
    running.set(folder, flush)
    return flush
  }

  return (folder) => {
    const current = running.get(folder)
    const shared = waiting.get(folder)
    if (shared !== undefined) return shared
    if (current === undefined) return start(folder)
    const next = current.then(
      () => start(folder),
      () => start(folder),
    )
    waiting.set(folder, next)
    return next
  }
}
