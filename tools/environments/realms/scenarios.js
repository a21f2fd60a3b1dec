// Does what a user's tests do, in the realm and with the classes of their test runner.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setupServer } from 'msw/node'
import { Artifact, login } from '@trackway/sdk'
import { createMock, startMockServer, trackwayHandlers } from '@trackway/mock-server'

const retry = { firstDelayMs: 1, maxDelayMs: 10, budgetMs: 5_000 }

/** Every scenario gets its own folder. */
export const scenarios = {
  async 'everything that can be added to a store in a folder can be read back'(folder) {
    const session = await begin({ store: join(folder, 'store') })
    await thereAndBack(session, folder)
  },

  async 'threads process a large file'(folder) {
    const session = await begin({ store: join(folder, 'store') })
    await writeFile(join(folder, 'large'), Buffer.alloc(9_000_000, 'x'))
    const artifact = new Artifact('large', 'dataset')
    await artifact.add(join(folder, 'large'))
    await session.uploadArtifact(artifact)
    const target = await (await session.getArtifact('large', 'dataset')).download(join(folder, 'target'))
    equal((await readFile(join(target, 'large'))).length, 9_000_000)
  },

  async 'errors have their codes'(folder) {
    const session = await begin({ store: join(folder, 'store') })
    const artifact = new Artifact('wrong', 'dataset')
    await fails('file_not_found', artifact.add(join(folder, 'nowhere')))
    await fails('option_invalid', artifact.add(42))
    await fails('not_found', session.getArtifact('nothing', 'dataset'))
    await writeFile(join(folder, 'gone'), 'x')
    await artifact.add(join(folder, 'gone'))
    await rm(join(folder, 'gone'))
    await fails('file_not_found', session.uploadArtifact(artifact))
    const given = new AbortController()
    given.abort()
    const other = new Artifact('other', 'dataset')
    await other.add(new TextEncoder().encode('x'), { name: 'x' })
    await fails('aborted', session.uploadArtifact(other, { signal: given.signal }))
  },

  async 'a mock that is passed to login'(folder) {
    const mock = createMock()
    await mock.seed({ 'dataset/seed': [{ 'a.txt': 'one' }, { 'a.txt': 'two', 'b.bin': new Uint8Array(10) }] })
    const session = await begin({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch })
    await readSeed(session)
    await thereAndBack(session, folder)
  },

  async 'a mock on a port'(folder) {
    const mock = await startMockServer()
    try {
      await mock.seed({
        'dataset/seed': [{ 'a.txt': 'one' }, { 'a.txt': 'two', 'b.bin': new Uint8Array(10) }],
      })
      const session = await begin({ host: mock.url, apiKey: mock.apiKey })
      await readSeed(session)
      await thereAndBack(session, folder)
      mock.faults.add({ path: '/versions', drop: 'before' })
      await readSeed(session)
      mock.faults.add({ path: '/versions', code: 'forbidden' })
      await fails(
        'forbidden',
        session.getArtifact('seed', 'dataset', undefined, { experiment: 'uncategorized' }),
      )
    } finally {
      await mock.close()
    }
  },

  async 'a mock as handlers of msw'(folder) {
    const mock = createMock()
    const server = setupServer(...trackwayHandlers(mock))
    server.listen({ onUnhandledRequest: 'error' })
    try {
      await mock.seed({
        'dataset/seed': [{ 'a.txt': 'one' }, { 'a.txt': 'two', 'b.bin': new Uint8Array(10) }],
      })
      const session = await begin({ host: mock.url, apiKey: mock.apiKey })
      await readSeed(session)
      await thereAndBack(session, folder)
      mock.faults.add({ path: '/versions', status: 503 })
      await readSeed(session)
    } finally {
      server.close()
    }
  },
}

/** Runs a scenario in its own folder. */
export async function runScenario(scenario) {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-realm-'))
  try {
    await scenario(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function begin(place) {
  const session = await login({ ...place, quiet: true, retry })
  const run = await session.init({ experiment: 'realms' })
  await run.finish()
  return session
}

async function readSeed(session) {
  const artifact = await session.getArtifact('seed', 'dataset', undefined, { experiment: 'uncategorized' })
  equal([artifact.tag, await artifact.entry('a.txt').text()], ['V2', 'two'])
}

async function thereAndBack(session, folder) {
  await writeFile(join(folder, 'file.txt'), 'from a file')
  await writeFile(join(folder, 'url.txt'), 'from a URL')
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(join(folder, 'file.txt'))
  await artifact.add(new URL(`file://${join(folder, 'url.txt')}`))
  await artifact.add(new TextEncoder().encode('bytes'), { name: 'bytes' })
  await artifact.add(new Uint8Array([1, 2, 3]), { name: 'numbers' })
  await artifact.add(new Uint8Array([1, 2, 3, 4]).buffer, { name: 'buffer' })
  await artifact.add(Buffer.from('node'), { name: 'node' })
  await artifact.add(new Blob(['a blob']), { name: 'blob' })
  await artifact.add(new File(['a file'], 'named.txt'))
  await artifact.add(pieces(), { name: 'stream' })
  const { tag, fileCount } = await session.uploadArtifact(artifact)
  equal([tag, fileCount], ['V1', 9])
  const stored = await session.getArtifact('sample', 'dataset')
  equal(await stored.entry('blob').text(), 'a blob')
  equal(await stored.entry('stream').text(), 'onetwo')
  equal([...(await stored.entry('buffer').bytes())], [1, 2, 3, 4])
  const target = await stored.download(join(folder, `${tag}`))
  equal(await readFile(join(target, 'named.txt'), 'utf8'), 'a file')
  equal((await stored.verify(target)).ok, true)
  equal((await stored.archive().blob()).size > 1000, true)
}

async function* pieces() {
  yield new TextEncoder().encode('one')
  yield new TextEncoder().encode('two')
}

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value))
  if (a !== b) throw new Error(`It is ${a} and should be ${b}`)
}

async function fails(code, promise) {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown) => thrown,
  )
  if (error.code !== code) throw new Error(`The error should have the code ${code}`, { cause: error })
}
