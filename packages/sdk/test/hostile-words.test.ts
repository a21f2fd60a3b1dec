import { createServer, type IncomingMessage, type Server } from 'node:http'
import { inspect } from 'node:util'
import { problemMediaType } from '@trackway/protocol'
import { createMock } from '@trackway/mock-server'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { Artifact, login, TrackwayError, type Session } from '../src/index.ts'

const apiKey = `tw_${'k'.repeat(43)}`
const retry = { firstDelayMs: 1, maxDelayMs: 5, budgetMs: 400 }
// Everything that a terminal interprets: C0 but line feed and tab, C1, and what turns the direction of
// writing around.
const obeyed = /(?![\n\t])\p{Cc}|[\p{Bidi_C}\p{Zl}\p{Zp}]/u
const nasty = '\u001b[2J\u001b]0;owned\u0007 \u009b31m\r\b\u202egnp.exe'

/** A session whose server answers everything after the login with this. */
async function sessionWith(answer: () => Response): Promise<Session> {
  const mock = createMock({ apiKey })
  let isOpen = true
  const session = await login({
    host: mock.url,
    apiKey,
    quiet: true,
    retry,
    fetch: (request) => (isOpen ? mock.fetch(request) : Promise.resolve(answer())),
  })
  await session.init({ experiment: 'e' })
  isOpen = false
  return session
}

async function failureOf(answer: () => Response): Promise<TrackwayError> {
  const session = await sessionWith(answer)
  const error: unknown = await session
    .getArtifact('sample', 'dataset', 'V1')
    .catch((thrown: unknown) => thrown)
  if (!TrackwayError.isInstance(error)) throw error
  return error
}

function problem(fields: Record<string, unknown>): Response {
  const all = {
    type: 'x',
    title: 'x',
    status: 404,
    detail: 'x',
    code: 'not_found',
    requestId: 'r',
    retryable: false,
  }
  return new Response(JSON.stringify({ ...all, ...fields }), {
    status: 404,
    headers: { 'content-type': problemMediaType },
  })
}

describe('what a server says is never shown unescaped', () => {
  it.each([
    ['detail', { detail: nasty }],
    ['title', { title: nasty, type: nasty }],
    ['code', { code: nasty }],
    ['request id', { requestId: nasty.repeat(10_000) }],
    ['facts', { [nasty]: nasty, deep: [{ [nasty]: nasty }] }],
    ['half a megabyte of detail', { detail: nasty.repeat(15_000) }],
    [
      'half a megabyte of facts',
      Object.fromEntries(Array.from({ length: 15_000 }, (_, at) => [`${nasty}${at}`, 1])),
    ],
    [
      'inherited names',
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    ],
  ])('in the %s of a problem', async (_, fields: Record<string, unknown>) => {
    const error = await failureOf(() => problem(fields))
    expect(error.code).toBe('not_found')
    for (const text of [
      JSON.stringify(error.details),
      error.message,
      error.stack ?? '',
      String(error),
      inspect(error),
    ]) {
      expect(text).not.toMatch(obeyed)
      expect(text.length).toBeLessThan(30_000)
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('in ten megabytes of it', async () => {
    const error = await failureOf(() =>
      problem({ detail: nasty.repeat(300_000), list: [nasty.repeat(10_000)] }),
    )
    expect(inspect(error).length).toBeLessThan(5_000)
  })

  it.each([
    ['a page', 404, `<h1>${nasty}</h1>`],
    ['an answer of the right status', 200, JSON.stringify({ tag: nasty, [nasty]: 1 })],
    ['an invalid name', 200, JSON.stringify({ formatVersion: 1, team: nasty, experiment: nasty, tag: 'V1' })],
  ])('in %s that is not what was asked for', async (_, status, text) => {
    const error = await failureOf(() => new Response(text, { status }))
    expect(error.code).toBe('not_trackway')
    expect(inspect(error)).not.toMatch(obeyed)
  })
})

interface Listening {
  url: string
  requests: IncomingMessage[]
}

async function listen(
  answer: (request: IncomingMessage) => { status: number; location?: string; body?: string },
): Promise<Listening> {
  const requests: IncomingMessage[] = []
  const server: Server = createServer((request, response) => {
    requests.push(request)
    const { status, location, body } = answer(request)
    request.resume()
    response.writeHead(status, location === undefined ? {} : { location }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, requests }
}

test.each([301, 302, 303, 307, 308])(
  'no request follows a redirect (%i), with or without the key',
  async (status) => {
    const elsewhere = await listen(() => ({ status: 200, body: '{}' }))
    const mock = createMock({ apiKey })
    let isOpen = true
    const redirecting = await listen((request) => ({ status, location: `${elsewhere.url}${request.url}` }))
    const session = await login({
      host: redirecting.url,
      apiKey,
      quiet: true,
      retry,
      fetch: (request) => (isOpen ? mock.fetch(request) : globalThis.fetch(request)),
    })
    await session.init({ experiment: 'e' })
    isOpen = false
    const draft = new Artifact('sample', 'dataset')
    await draft.add(new TextEncoder().encode('content'), { name: 'file' })
    const calls = [
      () => session.getArtifact('sample', 'dataset', 'V1'),
      () => session.listVersions('sample', 'dataset'),
      () => session.uploadArtifact(draft),
      () => session.init({ experiment: 'e' }),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'not_trackway' })
    expect(redirecting.requests.length).toBeGreaterThanOrEqual(calls.length)
    expect(elsewhere.requests).toEqual([])
  },
)

test('nothing that a session shows or throws contains the key', async () => {
  const shown: string[] = []
  const show = (value: unknown) => {
    shown.push(inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true }), String(value))
    shown.push(JSON.stringify(value) ?? '')
    if (value instanceof Error)
      shown.push(value.stack ?? '', inspect(value.cause, { depth: 20, showHidden: true }))
  }
  const answers = [
    () => problem({ detail: 'x' }),
    () => new Response('no', { status: 401 }),
    () => new Response('no', { status: 500 }),
    () => new Response('{', { status: 200 }),
    () => Response.error(),
    () => {
      throw new TypeError('fetch failed')
    },
  ]
  for (const answer of answers) {
    const session = await sessionWith(answer)
    show(session)
    show(await session.getArtifact('sample', 'dataset').catch((error: unknown) => error))
    show(await session.init({ experiment: 'e' }).catch((error: unknown) => error))
    show(
      await session
        .getArtifact('s', 'd', 'V1', { signal: AbortSignal.abort() })
        .catch((error: unknown) => error),
    )
  }
  for (const options of [
    { host: 'http://127.0.0.1:1', apiKey },
    { host: 'not a host', apiKey },
    { host: `http://${apiKey}@host`, apiKey },
    { host: 'http://127.0.0.1:1', apiKey: `${apiKey}\n` },
    { host: 'http://127.0.0.1:1', apiKey: `${apiKey}\u00e9\u{1f600}` },
  ])
    show(
      await login({ ...options, quiet: true, retry: { ...retry, budgetMs: 50 } }).catch(
        (error: unknown) => error,
      ),
    )
  expect(shown.length).toBeGreaterThan(80)
  for (const text of shown) expect(text).not.toContain(apiKey)
})

test('200,000 wrong values in a response are one error', async () => {
  const items = Array.from({ length: 200_000 }, () => 1)
  const session = await sessionWith(() => Response.json({ items }))
  const error: unknown = await session.listVersions('sample', 'dataset').catch((thrown: unknown) => thrown)
  const message = expect.stringContaining('(items.0: Invalid input: expected object, received number)')
  expect(error).toMatchObject({ code: 'not_trackway', message })
})

test('200,000 right values in a response are all accepted', async () => {
  const point = { step: 0, key: 'loss', value: 1, time: 0 }
  const points = Array.from({ length: 200_000 }, () => point)
  const session = await sessionWith(() => Response.json({ points }))
  const reading = session.run?.flush().then(() => session.getLog('r'))
  expect(await reading).toHaveLength(200_000)
})
