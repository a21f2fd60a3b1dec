/** Bytes to process in one turn of the event loop, for all requests together: about 5 ms of parsing. */
const bytesATurn = 256 * 1024
const sliceBytes = 64 * 1024

// The runtime's timers, even if a test replaces them. Browsers, where the mock runs, do not have
// setImmediate.
const { setImmediate: immediately, setTimeout: later } = globalThis

/** Turns in a row that work waits for connections that come. */
const mostTurnsWaited = 100

/** How many connections have come to this thread. */
let connections = 0

/** Says that a connection came. */
export function noteConnection(): void {
  connections += 1
}

/** Tells work in turns when it is to wait for connections. */
export interface ConnectionWatch {
  /** Whether one came since the last turn ended. */
  came(): boolean
  /** Asked at the end of each turn: whether work is to wait for the end of another one. */
  isHeldUp(): boolean
}

/**
 * libuv accepts one connection in a turn of the event loop. While others come work waits, so that turns
 * are short and a hundred connections are there after some milliseconds; else each would wait for a
 * turn full of work.
 */
export function watchConnections(): ConnectionWatch {
  let seen = 0
  let waited = 0
  const came = () => connections > seen
  return {
    came,
    isHeldUp() {
      const isHeldUp = came() && waited < mostTurnsWaited
      waited = isHeldUp ? waited + 1 : 0
      seen = connections
      return isHeldUp
    },
  }
}

const { came, isHeldUp } = watchConnections()

/** The work of this turn so far, and its end, once anybody asked for it. */
const turn: { bytes: number; end: Promise<void> | undefined } = { bytes: 0, end: undefined }

/**
 * Waits until this turn of the event loop has room for this many bytes of work. Work in a loop without I/O
 * blocks every other request, so it asks for each slice, as does what may happen many times in one turn, such
 * as reading a document.
 */
export async function takeTurn(bytes: number): Promise<void> {
  while (turn.bytes > bytesATurn || came()) await (turn.end ??= endTurn())
  turn.bytes += bytes
  turn.end ??= endTurn()
}

async function endTurn(): Promise<void> {
  do await nextTurn()
  while (isHeldUp())
  turn.bytes = 0
  turn.end = undefined
}

/** Lets everything else that waits run first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof immediately === 'function') immediately(resolve)
    else later(resolve)
  })
}

const groupItems = 1_000
/** The cost of an item, such as making the digest of a blob and looking it up, as bytes of parsing. */
const itemBytes = 64

/** Items of which there may be millions, in groups of a thousand that ask for their turn. */
export async function* inTurns<Item>(items: Iterable<Item>): AsyncGenerator<Item[]> {
  let group: Item[] = []
  for (const item of items) {
    if (group.push(item) < groupItems) continue
    await takeTurn(groupItems * itemBytes)
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

/** A piece of a stream in slices of 64 KiB: a store in memory returns a whole object at once. */
export function* slicesOf(piece: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < piece.length; start += sliceBytes)
    yield piece.subarray(start, start + sliceBytes)
}
