/** Resolves once everything that was in a folder at the time of the call survives a power loss. */
export type FlushFolder = (folder: string) => Promise<void>

/**
 * Groups flushes: callers who arrive while a folder is being flushed share the next flush, which starts after
 * the current one. (They can't share that one: it may have passed their change already.) So a request that
 * stores many objects at once costs a few flushes.
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
