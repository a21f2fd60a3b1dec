import { parseTag } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createInputBuffer } from '../../src/session/input-buffer.ts'
import { createRunReport } from '../../src/session/run-report.ts'

test('an input that is being sent is waited for, and not sent again', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  const send = vi.fn<() => Promise<void>>(() => answered)
  const inputs = createInputBuffer(
    send,
    createRunReport('r', () => {}),
  )
  inputs.add({ experiment: 'e', type: 'dataset', name: 'sample', tag: parseTag('V1') })
  await vi.advanceTimersByTimeAsync(2_000)
  const flushed = inputs.flush()
  answer()
  await flushed
  expect(send).toHaveBeenCalledTimes(1)
})
