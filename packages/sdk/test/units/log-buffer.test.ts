import { TrackwayError } from '@trackway/protocol'
import { expect, test, vi } from 'vitest'
import { createLogBuffer } from '../../src/session/log-buffer.ts'

const report = { failed() {}, succeeded() {}, leftOut() {} }
const points = Array.from({ length: 250_000 }, (_, step) => ({ step, key: 'loss', value: 1, time: 1 }))

/** A log that is full, and a server that refused the first of its points. */
async function fill(code: 'rate_limited' | 'store_unavailable') {
  let sent = 0
  const send = vi.fn<Parameters<typeof createLogBuffer>[0]>(async ({ points: some }) => {
    if (send.mock.calls.length === 1)
      throw new TrackwayError(code, 'not now', { details: { retryAfterMs: 60_000 } })
    sent += some.length
  })
  const buffer = createLogBuffer(send, report)
  for (let call = 0; call < 5; call += 1) await buffer.add(points)
  await vi.waitFor(() => expect(send).toHaveBeenCalledOnce())
  await buffer.add(points.slice(0, 10))
  return { dropped: buffer.dropped, sent: () => sent }
}

test('a script that logs faster than the server accepts waits once the buffer is full, and loses no points', async () => {
  const { dropped, sent } = await fill('rate_limited')
  expect(dropped).toBe(0)
  expect(sent()).toBe(1_250_000)
})

test('a script does not wait for a server that is down, and loses the points that exceed the buffer', async () => {
  const { dropped, sent } = await fill('store_unavailable')
  expect({ dropped, sent: sent() }).toEqual({ dropped: 10, sent: 0 })
})
