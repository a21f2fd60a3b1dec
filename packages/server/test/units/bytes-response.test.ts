import { expect, test } from 'vitest'
import { toReadableStream } from '../../src/http/bytes-response.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('a reader that leaves while a piece is read is not reported as a broken response', async () => {
  const stored = Promise.withResolvers<void>()
  async function* pieces() {
    yield new Uint8Array(1)
    await stored.promise
    yield new Uint8Array(1)
  }
  const broken: unknown[] = []
  const reader = toReadableStream(pieces(), (error) => broken.push(error)).getReader()
  await reader.read()
  const second = reader.read()
  await nextTurn() // The second piece is being read by now.
  const cancelled = reader.cancel()
  stored.resolve()
  await Promise.all([second, cancelled])
  await nextTurn()
  expect(broken).toEqual([])
})
