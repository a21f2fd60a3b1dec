import { routes } from '@trackway/protocol'
import { expect, test } from 'vitest'
import { createApp, createMemoryStore, type AppOptions } from '../src/index.ts'

const page = 'https://app.example.org'
const other = 'https://elsewhere.example.org'
const address = 'http://trackway.test/api/v1'

async function ask(options: Partial<AppOptions>, path: string, init: RequestInit): Promise<Response> {
  const app = await createApp({ store: createMemoryStore(), ...options })
  return app.fetch(new Request(address + path, init))
}

/** A CORS preflight, which never has the key. */
function preflight(origin: string, method = 'PUT'): RequestInit {
  const headers = {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'range',
  }
  return { method: 'OPTIONS', headers }
}

test('a CORS preflight of an allowed origin needs no key', async () => {
  const response = await ask({ origins: [page] }, '/teams/t/blobs', preflight(page))
  expect(response.status).toBe(204)
  const { headers } = response
  expect(headers.get('access-control-allow-origin')).toBe(page)
  expect(headers.get('vary')).toBe('Origin')
  expect(headers.get('access-control-allow-credentials')).toBeNull()
  expect(Number(headers.get('access-control-max-age'))).toBeGreaterThan(600)
  const methods = headers.get('access-control-allow-methods')?.split(', ')
  for (const { method } of Object.values(routes)) expect(methods).toContain(method)
  const sent = headers.get('access-control-allow-headers')?.toLowerCase().split(', ')
  expect(sent).toEqual(expect.arrayContaining(['authorization', 'content-type', 'if-none-match', 'range']))
})

test('pages can read responses, including errors', async () => {
  const answers = [
    await ask({ origins: [page] }, '/healthz', { headers: { origin: page } }),
    await ask({ origins: [page] }, '/me', { headers: { origin: page } }),
    await ask({ origins: [page] }, '/nowhere', { headers: { origin: page } }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 404])
  for (const { headers } of answers) {
    expect(headers.get('access-control-allow-origin')).toBe(page)
    const read = headers.get('access-control-expose-headers')?.toLowerCase().split(', ')
    expect(read).toEqual(expect.arrayContaining(['etag', 'content-range', 'retry-after', 'x-request-id']))
  }
})

test('other origins are refused, with the option that would allow them', async () => {
  for (const origins of [[page], []]) {
    const refused = await ask({ origins }, '/me', preflight(other))
    expect(refused.status).toBe(403)
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
    expect(await refused.json()).toMatchObject({
      code: 'origin_not_allowed',
      detail: expect.stringContaining(`--allowed-origin ${other}`),
    })
  }
  const { headers } = await ask({ origins: [page] }, '/healthz', { headers: { origin: other } })
  expect(headers.get('access-control-allow-origin')).toBeNull()
  expect(headers.get('vary')).toBe('Origin')
})

test('without the option no response has CORS headers', async () => {
  const { headers, status } = await ask({}, '/healthz', { headers: { origin: page } })
  expect(status).toBe(200)
  expect([...headers.keys()].filter((name) => name.startsWith('access-control') || name === 'vary')).toEqual(
    [],
  )
})

test('pages of all origins may be allowed', async () => {
  const { headers } = await ask({ origins: ['*'] }, '/healthz', { headers: { origin: 'null' } })
  expect(headers.get('access-control-allow-origin')).toBe('*')
  expect(headers.get('vary')).toBeNull()
})

test("host names that are not the server's are still refused", async () => {
  const response = await ask({ origins: ['*'], hosts: ['localhost'] }, '/me', preflight(page))
  expect(response.status).toBe(421)
})

test('OPTIONS that is not a CORS preflight is a method that no route supports', async () => {
  const plain = await ask({ origins: ['*'] }, '/me', { method: 'OPTIONS', headers: { origin: page } })
  expect(plain.status).toBe(405)
})

test.each([
  'https://app.example.org/',
  'app.example.org',
  'null',
  'https://app.example.org/page',
  '',
  'https://App.example.org',
  'https://app.example.org:443',
  'http://app.example.org:80',
  'https://*.example.org',
  'https://ada@app.example.org',
  'https://größe.example.org',
])('an origin that no browser sends is refused: %j', async (origin) => {
  const open = createApp({ store: createMemoryStore(), origins: [origin] })
  await expect(open).rejects.toMatchObject({ code: 'option_invalid' })
})

test.each([
  'http://localhost:5173',
  'https://xn--gre-6ka8i.example.org',
  'http://[::1]:8080',
  'chrome-extension://abcdef',
])('an origin that browsers send is accepted: %j', async (origin) => {
  const { headers } = await ask({ origins: [origin] }, '/healthz', { headers: { origin } })
  expect(headers.get('access-control-allow-origin')).toBe(origin)
})
