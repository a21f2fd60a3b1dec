import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createSocketServer, type Server } from 'node:net'
import { join } from 'node:path'
import type { TlsOptions } from 'node:tls'
import { createMock } from '@trackway/mock-server'
import { refusedPorts } from '@trackway/protocol'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { errorOf, noise, temporaryFolder } from './test-server.ts'

const retry = { firstDelayMs: 1, maxDelayMs: 20, budgetMs: 1_000 }

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  return address.port
}

async function listen(answer: RequestListener): Promise<{ url: string; requests: () => number }> {
  let requests = 0
  const port = await portOf(
    createServer((request, response) => {
      requests += 1
      return answer(request, response)
    }),
  )
  return { url: `http://127.0.0.1:${port}`, requests: () => requests }
}

async function listenTls(options: string[], tls: TlsOptions = {}): Promise<string> {
  const folder = await temporaryFolder()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...options], {
    stdio: 'ignore',
  })
  const files = { key: readFileSync(key), cert: readFileSync(cert) }
  const server = createTlsServer({ ...files, ...tls }, (_, response) => {
    response.end('x')
  })
  return `https://127.0.0.1:${await portOf(server)}`
}

const page = '<!doctype html><html><title>Log in</title></html>'

test.each([
  ['403', 403],
  ['401', 401],
  ['404', 404],
  ['400', 400],
  ['200', 200],
])('a page with the status %s is reported as not of a Trackway server', async (_, status) => {
  const { url, requests } = await listen((_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end(`\r\n\t ${page}`)
  })
  const { message } = await errorOf('not_trackway', login({ host: url, quiet: true, retry }))
  expect(message).toContain('is not a Trackway server')
  expect(message).toMatch(/page/)
  expect(message).toContain('docs/proxies.md')
  expect(requests()).toBe(1)
})

test('a redirect to a login page is reported as such, once', async () => {
  const { url, requests } = await listen((_, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:9/login' }).end()
  })
  const { message } = await errorOf('not_trackway', login({ host: url, quiet: true, retry }))
  expect(message).toContain('login page')
  expect(requests()).toBe(1)
})

test('a proxy that requires credentials says where to put them', async () => {
  const { url, requests } = await listen((_, response) => {
    response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end()
  })
  const { message } = await errorOf('network_error', login({ host: url, quiet: true, retry }))
  expect(message).toContain('HTTPS_PROXY')
  expect(requests()).toBe(1)
})

test('the error of a proxy with a low limit names the limit and the size of the request', async () => {
  const mock = createMock()
  const session = await login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true, retry })
  const nginx = '<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n</html>'
  mock.faults.add({ method: 'POST', path: /\/blobs$/, status: 413, body: nginx, times: Infinity })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(noise(2_000_000), { name: 'file' })
  const { message } = await errorOf('too_large', session.uploadArtifact(artifact, { experiment: 'e' }))
  expect(message).toMatch(/a request of 2,000,\d\d\d bytes \(413\)/)
  expect(message).toContain('client_max_body_size 256m')
})

test('an unknown certificate is reported with its remedy, at once', async () => {
  const host = await listenTls(['-days', '1', '-subj', '/CN=a', '-addext', 'subjectAltName=IP:127.0.0.1'])
  const patient = { ...retry, budgetMs: 60_000 }
  const { message } = await errorOf('network_error', login({ host, quiet: true, retry: patient }))
  expect(message).toContain('self-signed')
  expect(message).toContain('NODE_EXTRA_CA_CERTS')
})

test.each([
  ['certificate has expired', 'CERT_HAS_EXPIRED', 'clock'],
  ["Hostname/IP does not match certificate's altnames: x", 'ERR_TLS_CERT_ALTNAME_INVALID', 'another name'],
  ['unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS'],
  ['unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'NODE_EXTRA_CA_CERTS'],
  ['invalid peer certificate: UnknownIssuer', '', 'NODE_EXTRA_CA_CERTS'],
])('%s is not retried, and the error says what to do', async (words, code, remedy) => {
  let requests = 0
  const fetch = () => {
    requests += 1
    return Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(words), { code }) }))
  }
  const call = login({ host: 'https://host.test', fetch, quiet: true, retry })
  expect((await errorOf('network_error', call)).message).toContain(remedy)
  expect(requests).toBe(1)
})

test('http to a port that speaks TLS fails and says so', async () => {
  const host = await listenTls(['-days', '1', '-subj', '/CN=a'])
  const plain = host.replace('https:', 'http:')
  const { message } = await errorOf('network_error', login({ host: plain, quiet: true, retry }))
  expect(message).toContain(host)
})

test.each([
  'The plain HTTP request was sent to HTTPS port',
  'Client sent an HTTP request to an HTTPS server.',
])('http to a proxy that says "%s" fails and says so', async (words) => {
  const { url } = await listen((_, response) => void response.writeHead(400).end(words))
  const { message } = await errorOf('not_trackway', login({ host: url, quiet: true, retry }))
  expect(message).toContain(url.replace('http:', 'https:'))
})

test('a server that does not speak HTTP is not retried', async () => {
  const server = createSocketServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
  const patient = { ...retry, budgetMs: 60_000 }
  const host = `http://127.0.0.1:${await portOf(server)}`
  const { message } = await errorOf('network_error', login({ host, quiet: true, retry: patient }))
  expect(message).toContain('not in HTTP')
})

test.each([
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n{}\r\n0\r\n\r\n', 'chunks'],
  ['HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip', 'compressed bytes'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}', 'lengths'],
])('a response that is damaged on its way is retried, and reported: %j (%s)', async (text) => {
  let requests = 0
  const server = createSocketServer((socket) => {
    socket.once('data', () => {
      requests += 1
      socket.end(text)
    })
  })
  const host = `http://127.0.0.1:${await portOf(server)}`
  // Its last attempt ends before the budget does, on a busy machine too.
  const patient = { ...retry, budgetMs: 2_000 }
  const { message } = await errorOf('network_error', login({ host, quiet: true, retry: patient }))
  expect(message).toContain('damaged on its way')
  expect(message).not.toContain('TLS')
  expect(requests).toBeGreaterThan(1)
})

test('a server that breaks off later is not mistaken for one that speaks TLS', async () => {
  const mock = createMock()
  const { url } = await listen((request, response) => {
    if (!request.url?.includes('/me'))
      return void mock
        .fetch(new Request(`${mock.url}${request.url}`))
        .then(async (answer) => response.end(await answer.text()))
    response.destroy()
  })
  const { message } = await errorOf(
    'network_error',
    login({ host: url, apiKey: mock.apiKey, quiet: true, retry }),
  )
  expect(message).not.toContain('TLS')
})

test('a server with an old TLS version fails at once, without the words of OpenSSL', async () => {
  const host = await listenTls(['-days', '1', '-subj', '/CN=a'], {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  const patient = { ...retry, budgetMs: 60_000 }
  const { message } = await errorOf('network_error', login({ host, quiet: true, retry: patient }))
  expect(message).toContain('TLS 1.2')
  expect(message).not.toMatch(/\.c:|\n/)
})

test('ports that fetch refuses are named, as this runtime refuses them', async () => {
  for (const port of refusedPorts) {
    const error: unknown = await fetch(`http://127.0.0.1:${port}`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ cause: { message: 'bad port' } })
  }
  const { message } = await errorOf(
    'config_invalid',
    login({ host: 'http://127.0.0.1:6667', quiet: true, retry: { ...retry, budgetMs: 60_000 } }),
  )
  expect(message).toContain('port 6667')
})

async function refusedHost(): Promise<string> {
  const server = createServer()
  const port = await portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

test('a host of several addresses where nothing listens is retried, and reported with a reason', async () => {
  const host = (await refusedHost()).replace('127.0.0.1', 'localhost')
  let requests = 0
  const asking = (request: Request) => {
    requests += 1
    return fetch(request)
  }
  const call = login({ host, fetch: asking, quiet: true, retry })
  expect((await errorOf('network_error', call)).message).toContain('ECONNREFUSED')
  expect(requests).toBeGreaterThan(1)
})

test.each<[string, Record<string, string>, string]>([
  ['HTTP_PROXY', { HTTP_PROXY: 'http://proxy:3128' }, 'NODE_USE_ENV_PROXY=1'],
  ['http_proxy', { http_proxy: 'http://user:secret@proxy:3128' }, 'NODE_USE_ENV_PROXY=1'],
  ['ALL_PROXY', { ALL_PROXY: 'socks5://proxy:1080' }, 'Node ignores'],
  ['HTTP_PROXY of a Node that obeys it', { HTTP_PROXY: 'http://p', NODE_USE_ENV_PROXY: '1' }, 'NO_PROXY='],
  ['HTTPS_PROXY', { HTTPS_PROXY: 'http://proxy:3128' }, 'Is the server running'],
  ['NO_PROXY', { HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'x, 127.0.0.1' }, 'Is the server running'],
])('if %s is set and an http host cannot be reached, the advice fits', async (_, variables, advice) => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, undefined)
    vi.stubEnv(name.toLowerCase(), undefined)
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { message } = await errorOf('network_error', login({ host: await refusedHost(), quiet: true, retry }))
  expect(message).toContain(advice)
  expect(message).not.toContain('secret')
})

test('the error of a host that does not answer says where it came from, unless it was an option', async () => {
  const fetch = () =>
    Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }))
  const options = { fetch, apiKey: 'tw_key', quiet: true, retry }
  const host = 'http://host.test'
  vi.stubEnv('TRACKWAY_HOST', host)
  vi.stubEnv('XDG_CONFIG_HOME', await temporaryFolder())
  onTestFinished(() => void vi.unstubAllEnvs())
  const messageOf = async (given: object) =>
    (await errorOf('network_error', login({ ...options, ...given }))).message
  expect(await messageOf({})).toMatch(/is the address right\? The host came from the variable TRACKWAY_HOST$/)
  expect(await messageOf({ host })).toMatch(/is the address right\?$/)
  const answerPage = () => Promise.resolve(new Response('a page', { status: 404 }))
  const { message } = await errorOf('not_trackway', login({ ...options, fetch: answerPage }))
  expect(message).toMatch(/check the host\. The host came from the variable TRACKWAY_HOST$/)
})
