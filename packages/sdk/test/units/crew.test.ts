import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { errorOf, noise, temporaryFolder } from '../test-server.ts'
import { openCrew } from '../../src/disk/threads/crew.ts'
import { startThread } from '../../src/disk/threads/thread.ts'

const muchWork = { bytes: 100 * 1024 * 1024, files: 1 }

afterEach(() => void vi.useRealTimers())

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

test('threads receive bytes without a copy, and return them', async () => {
  const crew = await openCrew(muchWork)
  const bytes = new Uint8Array(noise(100_000))
  const expected = sha256(bytes)
  const hashing = crew.run('hashBytes', { bytes }, [bytes])
  expect(bytes.byteLength).toBe(0)
  const answer = await hashing
  expect(answer.digest).toBe(expected)
  expect(sha256(answer.bytes)).toBe(expected)
  crew.release()
})

test('idle threads do not keep a process alive', async () => {
  const portsOpen = () =>
    process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort').length
  const before = portsOpen()
  const thread = startThread()
  await thread.ready
  expect(portsOpen()).toBe(before)
  const hashing = thread.run('hashBytes', { bytes: new Uint8Array(noise(1000)) })
  expect(portsOpen()).toBeGreaterThan(before)
  await hashing
  expect(portsOpen()).toBe(before)
  thread.end()
})

test('a small amount of work stays in this thread', async () => {
  const crew = await openCrew({ bytes: 1000, files: 3 })
  const bytes = new Uint8Array(noise(1000))
  const { bytes: same } = await crew.run('hashBytes', { bytes }, [bytes])
  expect(same).toBe(bytes)
  crew.release()
})

test('an error of a thread equals one of this thread', async () => {
  const localPath = join(await temporaryFolder(), 'missing')
  for (const work of [muchWork, { bytes: 0, files: 0 }]) {
    const crew = await openCrew(work)
    const files = [{ localPath, size: 1 }]
    const error = await errorOf('file_not_found', crew.run('readSmallFiles', { files, maximum: 10 }))
    expect(error.message).toContain(localPath)
    crew.release()
  }
})

test('unused threads end, and new ones replace them', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const first = await openCrew(muchWork)
  first.release()
  first.release()
  await vi.advanceTimersByTimeAsync(2_000)
  const bytes = () => ({ bytes: new Uint8Array(10) })
  await errorOf('internal_error', first.run('hashBytes', bytes()))
  const second = await openCrew(muchWork)
  const third = await openCrew(muchWork)
  second.release()
  await vi.advanceTimersByTimeAsync(2_000)
  expect((await third.run('hashBytes', bytes())).digest).toBe(sha256(new Uint8Array(10)))
  third.release()
})

test('the tasks of a thread fail when it ends', async () => {
  const thread = startThread()
  await thread.ready
  const hashing = thread.run('hashBytes', { bytes: new Uint8Array(50_000_000) })
  expect(thread.load).toBe(1)
  thread.end()
  await errorOf('internal_error', hashing)
  expect(thread.isAlive).toBe(false)
  await errorOf('internal_error', thread.run('endDigest', { id: 1 }))
})

test.for([
  ['says nothing', 'setInterval(() => {}, 1000)'],
  [
    'says something of its own',
    "import('node:worker_threads').then((it) => it.parentPort.postMessage('ready'))",
  ],
  ['ends at once', ''],
])('a program that %s is not taken for a thread of ours', async ([, source]) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const thread = startThread(new URL(`data:text/javascript,${source}`))
  const refused = errorOf('internal_error', thread.ready)
  await vi.advanceTimersByTimeAsync(5_000)
  await refused
  expect(thread.isAlive).toBe(false)
})
