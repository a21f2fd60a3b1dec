import { apiBase, problemSchema } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createApp, createMemoryStore, type AppOptions } from '../src/index.ts'

const path = `http://trackway.test${apiBase}/teams/ours/blobs/missing`
const json = { 'content-type': 'application/json' }

function open(bodies: AppOptions['bodies']) {
  return createApp({ store: createMemoryStore(), access: { user: 'ada' }, ...(bodies && { bodies }) })
}

/** A question whose body the test feeds by hand, and a promise that the server asks for it. */
function question(announced?: number) {
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined
  let asked = () => {}
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve
  })
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        feed = controller
      },
      pull: () => asked(),
    },
    { highWaterMark: 0 },
  )
  const headers = { ...json, ...(announced !== undefined && { 'content-length': String(announced) }) }
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' }
  return {
    request: new Request(path, init),
    isAsked,
    send: (text: string) => feed?.enqueue(new TextEncoder().encode(text)),
    end: () => feed?.close(),
    vanish: () => feed?.error(new Error('gone')),
  }
}

const small = () =>
  new Request(path, { method: 'POST', headers: { ...json, 'content-length': '14' }, body: '{"digests":[]}' })

test('a body that exceeds the shared budget is refused before it is read, and accepted once others are done', async () => {
  const app = await open({ heldBytes: 100 })
  const first = question(95)
  const answer = app.fetch(first.request)
  await first.isAsked
  const refused = question(10)
  const response = await app.fetch(refused.request)
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('2')
  expect(problemSchema.parse(await response.json())).toMatchObject({
    code: 'rate_limited',
    retryable: true,
    limit: 'heldBytes',
    maximum: 100,
  })
  expect(refused.request.bodyUsed).toBe(false)
  first.send('{"digests":[]}')
  first.end()
  expect((await answer).status).toBe(200)
  expect((await app.fetch(small())).status).toBe(200)
})

test('the memory of a client that vanished is freed', async () => {
  const app = await open({ heldBytes: 100 })
  const first = question(95)
  const answer = app.fetch(first.request)
  await first.isAsked
  expect((await app.fetch(small())).status).toBe(429)
  first.vanish()
  expect((await answer).status).toBe(400)
  expect((await app.fetch(small())).status).toBe(200)
})

test('a body of unknown length counts as it arrives', async () => {
  const app = await open({ heldBytes: 40_000 })
  const first = question(30_000)
  const second = question()
  const firstAnswer = app.fetch(first.request)
  const secondAnswer = app.fetch(second.request)
  await Promise.all([first.isAsked, second.isAsked])
  second.send(' '.repeat(20_000))
  expect((await secondAnswer).status).toBe(429)
  first.send('{"digests":[]}')
  first.end()
  expect((await firstAnswer).status).toBe(200)
})

test('a single body is accepted, however small the budget', async () => {
  const app = await open({ heldBytes: 1 })
  expect((await app.fetch(small())).status).toBe(200)
})

test('a body of a byte a second is aborted after half a minute, and its memory is freed', async () => {
  const app = await open({ heldBytes: 100 })
  fakeClock()
  const slow = question(95)
  const answer = app.fetch(slow.request)
  await slow.isAsked
  for (let second = 0; second < 31; second += 1) {
    slow.send(' ')
    await vi.advanceTimersByTimeAsync(1_000)
  }
  const response = await answer
  expect(response.status).toBe(408)
  expect(problemSchema.parse(await response.json())).toMatchObject({
    code: 'body_too_slow',
    retryable: true,
    limit: 'bytesPerSecond',
    maximum: 1_024,
  })
  expect((await app.fetch(small())).status).toBe(200)
})

test('a slow body that keeps the minimum pace is accepted, even if it takes ten minutes', async () => {
  const app = await open({})
  fakeClock()
  const slow = question()
  const answer = app.fetch(slow.request)
  await slow.isAsked
  for (let seconds = 0; seconds < 600; seconds += 20) {
    slow.send(' '.repeat(40 * 1024))
    await vi.advanceTimersByTimeAsync(20_000)
  }
  slow.send('{"digests":[]}')
  slow.end()
  expect((await answer).status).toBe(200)
})

/** Time goes by only when the test says so. */
function fakeClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}
