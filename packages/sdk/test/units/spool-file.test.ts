import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TrackwayError } from '@trackway/protocol'
import { createLogBuffer, type LogSegment } from '../../src/session/log-buffer.ts'
import { openSpool, readSpool, type SpoolHeader } from '../../src/platform/node/runs/spool-file.ts'
import { temporaryFolder } from '../test-server.ts'

const run = {
  address: 'http://test',
  storeId: 'store',
  user: 'ada',
  team: 'default',
  experiment: 'e',
  run: 'r',
  began: 'state',
  writer: '5eed5eed',
  sequence: 7,
}
const header: SpoolHeader = { spool: 1, run, owner: { id: 'owner', host: 'here', pid: 1 } }
const report = { failed() {}, succeeded() {}, leftOut() {} }
const points = Array.from({ length: 30 }, (_, step) => ({ step, key: 'loss', value: step / 10, time: 1 }))

/** Logs points in parts while a server stores what it gets, and forgets to say so now and then. */
async function logWithSpool(path: string, refuse: (call: number) => TrackwayError | undefined) {
  const stored = new Map<string, LogSegment['points']>()
  let calls = 0
  const spool = openSpool(path, { header, onFailure: (error) => expect(error).toBeUndefined() })
  const send = async ({ segment, points: sent }: LogSegment) => {
    const refusal = refuse((calls += 1))
    if (refusal?.code === 'too_large') throw refusal
    if (!stored.has(segment)) stored.set(segment, sent)
    if (refusal !== undefined) throw refusal
  }
  const log = createLogBuffer(send, report, { ...run, spool })
  for (let at = 0; at < points.length; at += 10) {
    await log.add(points.slice(at, at + 10))
    await log.flush().catch(() => {})
  }
  spool.end({ state: 'finished', commitId: 'end' }) // Written at once, with everything before it.
  return stored
}

/** What a server has after what is left was sent to it. */
async function sendLeftover(path: string, before: ReadonlyMap<string, LogSegment['points']>) {
  const left = await readSpool(path, header)
  if (left === undefined) throw new Error('The spool exists')
  const stored = new Map(before)
  const send = async ({ segment, points: sent }: LogSegment) => {
    if (!stored.has(segment)) stored.set(segment, sent)
  }
  const { segments, rest, sequence } = left
  await createLogBuffer(send, report, { writer: run.writer, sequence, segments, rest }).flush()
  return [...stored.keys()].toSorted().flatMap((key) => stored.get(key)?.map(({ step }) => step) ?? [])
}

const lostReply = new TrackwayError('store_unavailable', 'no reply')
const tooLarge = new TrackwayError('too_large', 'too large')

test.each([
  ['replies are lost', (call: number) => (call % 2 === 1 ? lostReply : undefined)],
  ['segments are too large', (call: number) => (call === 2 || call === 4 ? tooLarge : undefined)],
  ['nothing is accepted', () => lostReply],
])('a spool has every point once, in order: %s', async (_, refuse) => {
  const path = join(await temporaryFolder(), 'spool')
  const stored = await logWithSpool(path, refuse)
  expect(await sendLeftover(path, stored)).toEqual(points.map(({ step }) => step))
})

test('a spool that was cut off at any byte has the points before it', async () => {
  const path = join(await temporaryFolder(), 'spool')
  await logWithSpool(path, (call) => new TrackwayError('store_unavailable', `attempt ${call}`))
  const whole = readFileSync(path)
  let most = 0
  for (let length = whole.indexOf('\n') + 1; length <= whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length))
    const steps = await sendLeftover(path, new Map())
    expect(steps).toEqual(points.slice(0, steps.length).map(({ step }) => step))
    expect(steps.length).toBeGreaterThanOrEqual(most)
    most = steps.length
  }
  expect(most).toBe(points.length)
})

test('a spool is empty once everything is settled, and gone once the run has ended', async () => {
  const path = join(await temporaryFolder(), 'spool')
  const spool = openSpool(path, { header, onFailure() {} })
  const empty = readFileSync(path, 'utf8')
  const log = createLogBuffer(async () => {}, report, { ...run, spool })
  await log.add(points)
  expect(readFileSync(path, 'utf8')).not.toBe(empty)
  await log.flush()
  expect(readFileSync(path, 'utf8')).toBe(empty)
  await log.add(points)
  spool.end({ state: 'failed', error: 'out of memory', commitId: 'end' })
  const end = { state: 'failed', error: 'out of memory', commitId: 'end' }
  expect(await readSpool(path, header)).toMatchObject({ sequence: 8, rest: points, end })
  spool.remove()
  expect(await readSpool(path, header)).toBeUndefined()
})
