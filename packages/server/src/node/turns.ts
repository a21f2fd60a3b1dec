/** Turns in a row that work waits for connections that come. */
const mostTurnsWaited = 100

/** How many connections have come to this thread. */
let connections = 0

/** Says that a connection came. */
export function noteConnection(): void {
  connections += 1
}

/**
 * Resolves for the first so many in a turn of the event loop, and for the others in the turns after it, in their order.
 * In one turn libuv accepts one connection: while others come nothing is begun, so that turns are short, and a hundred
 * connections are there after some milliseconds and not after a hundred requests.
 */
export function createTurns(most: number): () => Promise<void> {
  const waiting: (() => void)[] = []
  let begun = 0
  let seen = 0
  let waited = 0

  function endTurn(): void {
    const isHeldUp = connections > seen && waited < mostTurnsWaited
    waited = isHeldUp ? waited + 1 : 0
    seen = connections
    const next = isHeldUp ? [] : waiting.splice(0, most)
    begun = next.length
    if (begun > 0 || waiting.length > 0) setImmediate(endTurn)
    for (const begin of next) begin()
  }

  return () => {
    if (begun === 0 && waiting.length === 0) setImmediate(endTurn)
    if (begun === most || waiting.length > 0 || connections > seen)
      return new Promise((resolve) => waiting.push(resolve))
    begun += 1
    return Promise.resolve()
  }
}
