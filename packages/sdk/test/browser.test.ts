import { createMock } from '@trackway/mock-server'
import { expect, test, vi } from 'vitest'
import {
  Artifact,
  changeProjectConfig,
  changeUserConfig,
  listAssets,
  login,
  pruneAssets,
  readUserConfig,
  removeAsset,
  type Session,
} from '../src/index.ts'
import { errorOf } from './test-server.ts'

// As a browser loads the SDK.
vi.mock('#platform', () => import('../src/platform/browser.ts'))
vi.mock('#disk', () => import('../src/platform/no-disk.ts'))

function startSession(): Promise<Session> {
  const mock = createMock()
  return login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
}

test('what is added as a Blob, bytes or a stream is uploaded, read and archived', async () => {
  const session = await startSession()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new Blob(['a blob']), { name: 'blob' })
  await artifact.add(new Uint8Array(5 * 1024 * 1024), { name: 'bytes' })
  await artifact.add(new Blob([new Uint8Array(6 * 1024 * 1024)]).stream(), { name: 'stream' })
  await session.uploadArtifact(artifact)

  const stored = await session.getArtifact('dataset/sample')
  expect(stored.entryList.map(({ path, size }) => [path, size])).toEqual([
    ['blob', 6],
    ['bytes', 5 * 1024 * 1024],
    ['stream', 6 * 1024 * 1024],
  ])
  expect(await stored.entry('blob').text()).toBe('a blob')
  expect((await stored.archive().blob()).size).toBeGreaterThan(stored.size)
})

test('what needs a disk is refused, and the error says what to do instead', async () => {
  const session = await startSession()
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new Uint8Array(1), { name: 'a' })
  await session.uploadArtifact(artifact)

  for (const call of [
    artifact.add('./folder'),
    artifact.download('./folder'),
    artifact.download(),
    artifact.verify('./folder'),
    session.fetchAsset('dataset/sample:V1'),
    listAssets(),
    removeAsset('dataset/sample:V1'),
    pruneAssets({ keep: 1 }),
  ]) {
    const { message } = await errorOf('file_unsupported', call)
    expect(message).toContain('Browsers have no files that can be named by a path')
  }
  const { message } = await errorOf('file_unsupported', artifact.addReference('s3://bucket/a'))
  expect(message).toContain('refer to the object by an https:// address')
})

test('a page has no store and no configuration file of its own', async () => {
  const { message } = await errorOf('config_invalid', login({ quiet: true }))
  expect(message).toContain('A browser cannot use a store without a server')
  for (const change of [changeUserConfig({ team: 'vision' }), changeProjectConfig({ team: 'vision' })]) {
    const error = await errorOf('config_invalid', change)
    expect(error.message).toContain('A browser has no configuration file')
  }
  expect(await readUserConfig()).toBeUndefined()
})
