import { afterEach, expect, test, vi } from 'vitest'
import { makeAttempt } from '../../src/client/attempt.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('an attempt that fails while its body is being read leaves no timer running', async () => {
  vi.useFakeTimers()
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const attempt = makeAttempt(new Request('http://test/', { method: 'POST' }), {
    stallMs: 1000,
    makeBody: () => ({ body: new ReadableStream({ pull: (into) => into.enqueue(new Uint8Array(10)) }) }),
    receiver: { begin() {}, receive() {}, end() {} },
    async fetch(request) {
      reader = request.body?.getReader()
      await reader?.read()
      throw new TypeError('the connection was reset')
    },
  })
  await expect(attempt).rejects.toThrow('the connection was reset')
  for (let count = 0; count < 5; count += 1) await reader?.read()
  expect(vi.getTimerCount()).toBe(0)
})
