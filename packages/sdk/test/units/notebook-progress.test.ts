import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openMeter } from '../../src/calls/meter.ts'

const total = { files: 4, bytes: 4000 }

interface Message {
  type: string
  id: string
  html: string
  text: string
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  return () => void vi.useRealTimers()
})

/** Simulates a notebook, and returns the messages that are sent to it. */
function openNotebook(send: () => Promise<void> = () => Promise.resolve()): Message[] {
  const messages: Message[] = []
  const broadcast = (
    type: string,
    content: { data: Record<string, string>; transient: { display_id: string } },
  ) => {
    const { 'text/html': html = '', 'text/plain': text = '' } = content.data
    messages.push({ type, id: content.transient.display_id, html, text })
    return send()
  }
  vi.stubGlobal('Deno', { jupyter: { broadcast } })
  onTestFinished(() => void vi.unstubAllGlobals())
  return messages
}

function begin(label = 'Downloading it') {
  const { meter, end, close } = openMeter({ label, phase: 'download', total })
  return { add: meter.add, end, close }
}

test('a bar is drawn below the cell, redrawn in its place at most five times a second, and ends as a line', () => {
  const messages = openNotebook()
  const progress = begin()
  for (let step = 0; step < 40; step += 1) {
    vi.advanceTimersByTime(50)
    progress.add({ bytes: 100 })
  }
  progress.end()
  progress.close()
  const [first, ...others] = messages
  expect(first).toMatchObject({ type: 'display_data', html: expect.stringContaining('width:10.0%') })
  expect(others.map(({ type }) => type)).toEqual(others.map(() => 'update_display_data'))
  expect(new Set(messages.map(({ id }) => id)).size).toBe(1)
  expect(messages.length).toBeGreaterThan(8)
  expect(messages.length).toBeLessThanOrEqual(12)
  expect(messages.at(-1)?.text).toBe('Downloading it: 100 % · 4.0 kB of 4.0 kB · 2.0 kB/s · 0 of 4 files')
  expect(messages.at(-1)?.html).not.toContain('width:100')
})

test('concurrent calls have a bar each', () => {
  const messages = openNotebook()
  const both = [begin('Downloading one'), begin('Downloading <b>')]
  vi.advanceTimersByTime(300)
  for (const progress of both) progress.add({ bytes: 1000 })
  for (const progress of both) progress.close()
  expect(messages.map(({ text }) => text.replace(/:.*/, ''))).toEqual([
    'Downloading one',
    'Downloading <b>',
    'Downloading one',
    'Downloading <b>',
  ])
  expect(messages[3]?.id).toBe(messages[1]?.id)
  expect(messages[2]?.id).not.toBe(messages[1]?.id)
  expect(messages[1]?.html).toContain('&lt;b&gt;')
})

test('a call that fails shows its progress', () => {
  const messages = openNotebook()
  const progress = begin()
  vi.advanceTimersByTime(300)
  progress.add({ bytes: 1000 })
  progress.close()
  expect(messages.at(-1)?.text).toBe('Downloading it: stopped at 25 %')
})

test('a short call draws nothing', () => {
  const messages = openNotebook()
  const progress = begin()
  vi.advanceTimersByTime(150)
  progress.add({ bytes: 4000 })
  progress.end()
  progress.close()
  expect(messages).toEqual([])
})

test.each([
  ['rejects', () => Promise.reject(new Error('gone'))],
  [
    'throws',
    () => {
      throw new Error('gone')
    },
  ],
])('a notebook whose broadcast %s fails no call', async (_, send) => {
  const messages = openNotebook(send)
  const progress = begin()
  vi.advanceTimersByTime(300)
  progress.add({ bytes: 1000 })
  progress.end()
  progress.close()
  await Promise.resolve()
  expect(messages.length).toBe(2)
})

test('Deno outside of a notebook has a terminal or a log', () => {
  const throwing = {
    get jupyter() {
      throw new Error('only available in deno jupyter')
    },
  }
  vi.stubGlobal('Deno', throwing)
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => {
    vi.unstubAllGlobals()
    write.mockRestore()
  })
  const progress = begin()
  vi.advanceTimersByTime(11_000)
  progress.add({ bytes: 1000 })
  progress.close()
  expect(write).toHaveBeenCalledWith(expect.stringContaining('Downloading it:  25 %'))
})
