/** Bytes of a manifest that are worked on at once: some 5 ms of parsing. */
const bytesAtOnce = 256 * 1024
const sliceBytes = 64 * 1024

/** Work in a loop without I/O holds up every other request, so it pauses after each 256 KiB that it reports. */
export function createPauses(): (bytes: number) => Promise<void> {
  let since = 0
  return async (bytes) => {
    since += bytes
    if (since < bytesAtOnce) return
    since = 0
    await nextTurn()
  }
}

/** Lets everything else that waits run first. */
export function nextTurn(): Promise<void> {
  // Browsers, where the mock runs, have no setImmediate.
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve)
  })
}

/** A piece of a stream in slices of 64 KiB: a store in memory gives all of an object at once. */
export function* slicesOf(piece: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < piece.length; start += sliceBytes)
    yield piece.subarray(start, start + sliceBytes)
}
