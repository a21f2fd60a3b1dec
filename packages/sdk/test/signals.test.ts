import { join } from 'node:path'
import { createMock } from '@trackway/mock-server'
import { expect, test } from 'vitest'
import { Artifact, login, type Session } from '../src/index.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

/** A controller of another realm, such as jsdom's, whose signals the platform's own functions refuse. */
function foreignController() {
  const target = new EventTarget()
  const signal = Object.assign(target, { aborted: false, reason: undefined })
  const abort = () => {
    Object.assign(signal, { aborted: true, reason: new Error('enough') })
    target.dispatchEvent(new Event('abort'))
  }
  return { signal: signal as unknown as AbortSignal, abort } // A signal in all that is used of it.
}

type Call = (session: Session, signal: AbortSignal) => Promise<unknown>

const calls: [string, Call][] = [
  ['init', (session, signal) => session.init({ signal })],
  ['init and finish', async (session, signal) => (await session.init()).finish({ signal })],
  ['flush', async (session, signal) => (await session.init()).flush({ signal })],
  ['listArtifacts', (session, signal) => session.listArtifacts({ signal })],
  ['getArtifact', (session, signal) => session.getArtifact('dataset/sample', { signal })],
  ['setAlias', (session, signal) => session.setAlias('dataset/sample', 'best', { signal })],
  [
    'uploadArtifact',
    async (session, signal) => {
      const artifact = new Artifact('made', 'dataset')
      await artifact.add(new Uint8Array(1), { name: 'a', signal })
      return session.uploadArtifact(artifact, { signal })
    },
  ],
  [
    'download',
    async (session, signal) => {
      const artifact = await session.getArtifact('dataset/sample')
      return artifact.download(join(await temporaryFolder(), 'copy'), { signal })
    },
  ],
  [
    'archive',
    async (session, signal) => (await session.getArtifact('dataset/sample')).archive({ signal }).blob(),
  ],
  [
    'bytes',
    async (session, signal) => (await session.getArtifact('dataset/sample')).entry('a.csv').bytes({ signal }),
  ],
  [
    'push',
    async (session, signal) => {
      const to = await login({ store: await temporaryFolder(), quiet: true, signal })
      return session.push('dataset/sample', { to, signal })
    },
  ],
]

test.each(calls)('%s takes a signal of another realm, and ends with it', async (_, call) => {
  const mock = createMock()
  await mock.seed({ 'dataset/sample': { 'a.csv': '1,2' } })
  const connection = { host: mock.url, apiKey: mock.apiKey, quiet: true }
  const session = await login({ ...connection, fetch: mock.fetch })
  await call(session, foreignController().signal)
  const { signal, abort } = foreignController()
  abort()
  await errorOf('aborted', call(session, signal))
})

test('waiting for a server ends with a signal of another realm', async () => {
  const mock = createMock()
  const asked = Promise.withResolvers<void>()
  let isSilent = false
  const fetch = (request: Request) => {
    if (!isSilent) return mock.fetch(request)
    asked.resolve()
    return new Promise<never>(() => {})
  }
  const session = await login({ host: mock.url, apiKey: mock.apiKey, quiet: true, fetch })
  isSilent = true
  const { signal, abort } = foreignController()
  const listing = session.listArtifacts({ signal })
  await asked.promise
  abort()
  await errorOf('aborted', listing)
})

test('comparing entries that are not uploaded ends with its signal', async () => {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new Uint8Array(5), { name: 'a' })
  const other = new Artifact('sample', 'dataset')
  const signal = AbortSignal.abort()
  await errorOf('aborted', artifact.checksums({ signal }))
  await errorOf('aborted', artifact.diff(other, { signal }))
  expect(await artifact.checksums({ signal: undefined })).toContain('  a')
  expect((await artifact.diff(other, {})).removed).toHaveLength(1)
})

test('an entry that is not JSON is refused with its path', async () => {
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('{'), { name: 'a.json' })
  const error = await errorOf('file_unsupported', artifact.entry('a.json').json())
  expect(error.message).toBe('Reading a.json: it is not valid JSON')
})
