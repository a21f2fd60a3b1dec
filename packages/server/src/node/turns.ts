import { watchConnections } from '../engine/pauses.ts'

/**
 * Resolves for the first so many in a turn of the event loop, and for the others in the turns after it, in
 * their order. While connections come nothing is begun.
 */
export function createTurns(most: number): () => Promise<void> {
  const waiting: (() => void)[] = []
  let begun = 0
  const { came, isHeldUp } = watchConnections()

  function endTurn(): void {
    const next = isHeldUp() ? [] : waiting.splice(0, most)
    begun = next.length
    if (begun > 0 || waiting.length > 0) setImmediate(endTurn)
    for (const begin of next) begin()
  }

  return () => {
    if (begun === 0 && waiting.length === 0) setImmediate(endTurn)
    if (begun === most || waiting.length > 0 || came()) return new Promise((resolve) => waiting.push(resolve))
    begun += 1
    return Promise.resolve()
  }
}
