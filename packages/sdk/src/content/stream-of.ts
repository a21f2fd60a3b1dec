/**
 * A web stream that reads from a generator on demand. When the reader stops, the generator's signal ends what
 * it waits for, and then the generator ends.
 */
export function streamOf(
  read: (signal: AbortSignal) => AsyncGenerator<Uint8Array, void, undefined>,
): ReadableStream<Uint8Array> {
  const over = new AbortController()
  const bytes = read(over.signal)
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { value, done } = await bytes.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      over.abort()
      await bytes.return()
    },
  }
  return new ReadableStream(source, { highWaterMark: 0 }) // Nothing is read ahead.
}
