/** Bytes that are worked on in one turn of the event loop, for all requests together: some 5 ms of parsing. */
const bytesATurn = 256 * 1024
const sliceBytes = 64 * 1024

// Those of the runtime, also under a test that plays with its timers. Browsers, where the mock runs, have no setImmediate.
const { setImmediate: immediately, setTimeout: later } = globalThis

/** What this turn was used for, and its end, once anybody asked. */
const turn: { bytes: number; end: Promise<void> | undefined } = { bytes: 0, end: undefined }

/**
 * Waits until this turn of the event loop has room for so many bytes of work. Work in a loop without I/O holds up every
 * other request, so it asks for each slice, as does what may come many times in one turn, such as a document that was read.
 */
export async function takeTurn(bytes: number): Promise<void> {
  while (turn.bytes > bytesATurn) await turn.end
  turn.bytes += bytes
  turn.end ??= endTurn()
}

async function endTurn(): Promise<void> {
  await nextTurn()
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
/** What an item costs, such as making the digest of a blob and looking it up, as bytes of parsing. */
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

/** A piece of a stream in slices of 64 KiB: a store in memory gives all of an object at once. */
export function* slicesOf(piece: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < piece.length; start += sliceBytes)
    yield piece.subarray(start, start + sliceBytes)
}
