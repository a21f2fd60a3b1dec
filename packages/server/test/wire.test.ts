import { apiBase, problemSchema, sha256 } from '@trackway/protocol'
import { describe, expect, it } from 'vitest'
import { createApp, createMemoryStore } from '../src/index.ts'

const app = await createApp({
  store: createMemoryStore(),
  access: { user: 'ada' },
  limits: { requestBytes: 1000 },
})
const json = { 'content-type': 'application/json' }
const missing = '/teams/ours/blobs/missing'

function send(path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> {
  return app.fetch(new Request(`http://trackway.test${apiBase}${path}`, init))
}

describe('every refusal is a problem with its code', () => {
  it.each([
    ['malformed JSON', missing, { method: 'POST', headers: json, body: '{' }, 400, 'request_invalid'],
    [
      'an unknown field',
      missing,
      { method: 'POST', headers: json, body: '{"digests":[],"x":1}' },
      400,
      'request_invalid',
    ],
    ['an unknown query', '/teams/ours/experiments?x=1', {}, 400, 'request_invalid'],
    ['a page too large', '/teams/ours/experiments?limit=1001', {}, 400, 'request_invalid'],
    ['a name that is not allowed', '/teams/-/experiments', {}, 400, 'name_invalid'],
    ['an invalid digest', '/teams/ours/blobs/sha256:0', {}, 400, 'digest_invalid'],
    ['an unknown route', '/nothing', {}, 404, 'not_found'],
    ['a method of no use', '/me', { method: 'DELETE' }, 405, 'method_not_allowed'],
    [
      'a body of another type',
      missing,
      { method: 'POST', headers: { 'content-type': 'text/csv' }, body: '{}' },
      415,
      'unsupported_media_type',
    ],
    [
      'a body over the limit',
      missing,
      { method: 'POST', headers: json, body: ' '.repeat(1001) },
      413,
      'too_large',
    ],
    [
      'an artifact that does not exist',
      '/teams/ours/experiments/e/artifacts/dataset/none',
      {},
      404,
      'not_found',
    ],
    ['a run that does not exist', '/teams/ours/experiments/e/runs/none', {}, 404, 'not_found'],
  ])('%s', async (_, path, init, status, code) => {
    const response = await send(path, init)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    const problem = problemSchema.parse(await response.json())
    expect(problem).toMatchObject({ code, status, retryable: false })
    expect(problem.requestId).toBe(response.headers.get('x-request-id'))
  })

  it('405 names the methods that the route knows', async () => {
    expect((await send('/me', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD')
  })

  it('413 is also the response to a stream of unknown length', async () => {
    const body = new Blob([' '.repeat(1001)]).stream()
    expect((await send(missing, { method: 'POST', headers: json, body, duplex: 'half' })).status).toBe(413)
  })

  it.each([
    ['/teams/ours/blobs', { 'content-type': 'multipart/form-data; boundary=x' }],
    [missing, json],
  ])('a body to %s that breaks off is the client’s doing', async (path, headers) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('--x\r\n'))
        controller.error(new Error('aborted'))
      },
    })
    const response = await send(path, { method: 'POST', headers, body, duplex: 'half' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'request_invalid' })
  })

  it('a multipart body may arrive in pieces of any size, and have any valid end', async () => {
    const blob = new TextEncoder().encode('a,b\r\n1,2\r\n')
    for (const end of ['', '\r\n', '\r\nsaid by nobody']) {
      const part = `content-disposition: form-data; name="${sha256(blob)}"; filename="blob"`
      const text = `--x\r\n${part}\r\n\r\n${new TextDecoder().decode(blob)}\r\n--x--${end}`
      const bytes = new TextEncoder().encode(text)
      for (let at = 1; at < bytes.length; at += 1) {
        const body = new ReadableStream({
          start(controller) {
            controller.enqueue(bytes.slice(0, at))
            controller.enqueue(bytes.slice(at))
            controller.close()
          },
        })
        const headers = { 'content-type': 'multipart/form-data; boundary=x' }
        const response = await send('/teams/ours/blobs', { method: 'POST', headers, body, duplex: 'half' })
        expect([at, response.status]).toEqual([at, 200])
      }
    }
  })

  it('an unforeseen failure is a bare 500 that does not reveal its text', async () => {
    const store = createMemoryStore()
    const events: unknown[] = []
    let fails = false
    const failing = await createApp({
      store: {
        ...store,
        list: (options) => (fails ? Promise.reject(new Error('the inner text')) : store.list(options)),
      },
      access: { user: 'ada' },
      onRequest: ({ error }) => events.push(error),
    })
    fails = true
    const response = await failing.fetch(new Request(`http://trackway.test${apiBase}/teams/ours/experiments`))
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).not.toContain('inner text')
    expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ code: 'internal_error', retryable: true })
    expect(String(events[0])).toContain('the inner text')
  })
})
