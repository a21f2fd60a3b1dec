import { stripVTControlCharacters } from 'node:util'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { LongCallOptions } from '../../src/calls/long-call-options.ts'
import { openMeter } from '../../src/calls/meter.ts'

const call = { label: 'Downloading it', phase: 'download', total: { files: 4, bytes: 4000 } } as const

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  return () => void vi.useRealTimers()
})

/** Makes standard error a terminal or not, and returns what is written to it. */
function watchOutput({ isTerminal }: { isTerminal: boolean }): string[] {
  const written: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(stripVTControlCharacters(String(text)))
    return true
  })
  const before = process.stderr.isTTY
  process.stderr.isTTY = isTerminal
  onTestFinished(() => {
    write.mockRestore()
    process.stderr.isTTY = before
  })
  return written
}

/** A call on a terminal, with its bar. */
function begin(options: Pick<LongCallOptions, 'quiet' | 'onProgress'> = {}) {
  const { meter, end, close } = openMeter({ ...call, ...options })
  return { add: meter.add, end, close }
}

async function showBar() {
  const written = watchOutput({ isTerminal: true })
  const progress = begin()
  await import('log-update')
  await vi.waitFor(() => {
    vi.advanceTimersByTime(600)
    progress.add({})
    expect(written.join('')).toContain('─')
  })
  return { written, progress }
}

test('a log gets a line every ten seconds, and one at the end', () => {
  const written = watchOutput({ isTerminal: false })
  const progress = begin()
  for (let second = 0; second < 24; second += 1) {
    vi.advanceTimersByTime(1000)
    progress.add({ bytes: 100 })
  }
  progress.end()
  progress.close()
  expect(written).toHaveLength(3)
  expect(written[0]).toMatch(/^Downloading it: +25 % · 1\.0 kB of 4\.0 kB/)
  expect(written[2]).toMatch(/^Downloading it: +60 %/)
})

test('a call of less than ten seconds writes nothing to a log', () => {
  const written = watchOutput({ isTerminal: false })
  const progress = begin()
  vi.advanceTimersByTime(9000)
  progress.add({ bytes: 4000 })
  progress.end()
  progress.close()
  expect(written).toEqual([])
})

test('a terminal shows a bar, and at the end a line in its place', async () => {
  const { written, progress } = await showBar()
  progress.add({ bytes: 4000, files: 4 })
  progress.end()
  progress.close()
  expect(written.at(-1)).toMatch(/^Downloading it: 100 %[^━─]*\n$/)
})

test('a message that is printed meanwhile has a line of its own, and the bar is redrawn below it', async () => {
  const { written, progress } = await showBar()
  const { environment } = await import('../../src/platform/node/environment.ts')
  const before = written.length
  environment.print('The server answers again')
  const [cleared, line, ...drawn] = written.slice(before)
  expect(cleared?.trim()).toBe('')
  expect(line).toBe('The server answers again\n')
  expect(drawn.join('')).toContain('─')
  progress.close()
})

test('a call that fails removes its bar and prints nothing more', async () => {
  const { written, progress } = await showBar()
  const before = written.length
  progress.close()
  expect(written.slice(before).join('').trim()).toBe('')
})

test.each([true, false])('quiet is quiet (terminal: %s)', (isTerminal) => {
  const written = watchOutput({ isTerminal })
  const told: number[] = []
  const onProgress = ({ bytes }: { bytes: number }) => void told.push(bytes)
  const progress = begin({ quiet: true, onProgress })
  for (let second = 0; second < 30; second += 1) {
    vi.advanceTimersByTime(1000)
    progress.add({ bytes: 100 })
  }
  progress.end()
  progress.close()
  expect(written).toEqual([])
  expect(told).toHaveLength(31)
})
