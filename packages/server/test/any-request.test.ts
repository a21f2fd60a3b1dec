import { apiBase, problemSchema, routes, sha256, type Route, type RouteName } from '@trackway/protocol'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { createApp, type App } from '../src/index.ts'
import { bytesOf, manifestOf, openApp } from './engine-app.ts'
import { someParameters } from './some-parameters.ts'

// Whatever a client sends, no response is a failure of the server, and every
// refusal is a problem. What is sent is half right, so that it gets past the first check.

const names = Object.keys(routes) as RouteName[] // The keys of the table are its names.
const digest = sha256(new TextEncoder().encode('content'))
const manifest = bytesOf(manifestOf('content'))

let app: App

beforeAll(async () => {
  const engine = await openApp()
  await engine.commit('content')
  await engine.send('POST', '/teams/t/experiments/e/runs', { run: 'first', commitId: crypto.randomUUID() })
  app = await createApp({ store: engine.store, access: { user: 'eve' } })
})

const words = fc.constantFrom(
  't',
  'e',
  'first',
  'dataset',
  'sample',
  'best',
  'V1',
  'V2',
  'latest',
  'file',
  '0000000001-5eed5eed',
  digest,
  sha256(manifest),
  'constructor',
  '__proto__',
  '..',
  '',
  'content',
  'running',
  'next',
  '-1',
)
const texts = fc.oneof(
  { weight: 4, arbitrary: words },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)
const segments = texts.map((text) => encodeURIComponent(text.toWellFormed()))

/** The address of a route with its parameters filled, mostly with valid values. */
function addressOf(name: RouteName) {
  const { path }: Route = routes[name]
  const right: Record<string, string> = { ...someParameters, tag: 'V2', digest }
  const parts = path.split(/(\{\w+\})/).map((part) => {
    const known = right[part.slice(1, -1)]
    if (!part.startsWith('{') || known === undefined) return fc.constant(part)
    return fc.oneof({ weight: 8, arbitrary: fc.constant(known) }, { weight: 1, arbitrary: segments })
  })
  const query = fc.option(
    fc.dictionary(fc.constantFrom('cursor', 'limit', 'type', 'experiment', 'base', 'x'), texts, {
      maxKeys: 2,
    }),
    { nil: {}, freq: 2 },
  )
  return fc.tuple(fc.tuple(...parts), query).map(([pieces, fields]) => {
    const search = new URLSearchParams(
      Object.entries(fields).map(([key, value]) => [key, value.toWellFormed()]),
    )
    return `${apiBase}${pieces.join('')}?${search.toString()}`
  })
}

const fields = fc.constantFrom(
  'digests',
  'manifest',
  'reservation',
  'commitId',
  'base',
  'tag',
  'onConflict',
  'run',
  'description',
  'metadata',
  'config',
  'state',
  'points',
  'experiment',
  'type',
  'name',
  'expected',
  '__proto__',
)
const values = fc.oneof(
  texts,
  fc.constantFrom(null, crypto.randomUUID(), [digest], 'finished', { experiment: 'e', run: 'first' }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant([{ step: 1, key: 'loss', value: 'NaN', time: 1 }]),
)
const jsonBodies = fc.oneof(
  fc.dictionary(fields, values, { maxKeys: 5 }).map((object) => JSON.stringify(object)),
  fc.json({ maxDepth: 4 }),
)
const multipartBodies = fc
  .tuple(texts, fc.string({ unit: 'binary' }))
  .map(
    ([name, content]) =>
      `--x\r\ncontent-disposition: form-data; name="${name}"; filename="blob"\r\n\r\n${content}\r\n--x--`,
  )
/** Bytes, some of them altered. */
const alteredManifests = fc
  .array(fc.tuple(fc.nat(manifest.length - 1), fc.nat(255)), { maxLength: 3 })
  .map((changes) => {
    const bytes = manifest.slice()
    for (const [at, byte] of changes) bytes[at] = byte
    return bytes
  })
const bodies = fc.oneof(
  jsonBodies.map((text) => new TextEncoder().encode(text)),
  multipartBodies.map((text) => new TextEncoder().encode(text)),
  alteredManifests,
  fc.uint8Array({ maxLength: 200 }),
)
const types = fc.constantFrom(
  'application/json',
  'multipart/form-data; boundary=x',
  'application/x-ndjson',
  'x',
)
const headers = fc.dictionary(
  fc.constantFrom('range', 'if-none-match', 'if-range', 'content-length', 'authorization', 'host', 'accept'),
  fc.oneof(
    fc.constantFrom(
      '*',
      'bytes=0-1',
      'bytes=5-',
      'bytes=-3',
      'bytes=9-1',
      'bytes=99999999999999999999-',
      '"x"',
      '-1',
    ),
    fc.string({ unit: 'grapheme-ascii' }),
  ),
  { maxKeys: 3 },
)
const methods = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'X')

test.each(names)('no request to %s makes the server fail', async (name) => {
  const { method }: Route = routes[name]
  const requests = fc.record({
    address: addressOf(name),
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constant<string>(method) },
      { weight: 1, arbitrary: methods },
    ),
    headers,
    type: types,
    body: bodies,
  })
  await fc.assert(
    fc.asyncProperty(requests, async (given) => {
      const init = { method: given.method, headers: { 'content-type': given.type, ...given.headers } }
      const takesBody = !['GET', 'HEAD'].includes(given.method)
      const response = await app.fetch(
        new Request(`http://test${given.address}`, takesBody ? { ...init, body: given.body } : init),
      )
      const text = await response.text()
      expect(response.status, text).toBeLessThan(500)
      if (response.status < 400 || given.method === 'HEAD') return
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(problemSchema.parse(JSON.parse(text)).status).toBe(response.status)
    }),
    { numRuns: 100 },
  )
})
