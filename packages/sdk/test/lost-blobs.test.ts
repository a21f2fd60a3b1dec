import { join } from 'node:path'
import { createApp, createMemoryStore } from '@trackway/server'
import { expect, test, vi } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { errorOf, noise, temporaryFolder } from './test-server.ts'

const at = { experiment: 'demo' }

async function openWithVersion() {
  vi.stubEnv('TRACKWAY_ASSETS_DIR', await temporaryFolder())
  const store = createMemoryStore()
  const app = await createApp({ store, access: { user: 'ada' } })
  const session = await login({
    host: 'http://test',
    apiKey: 'tw_any',
    team: 'tests',
    fetch: (request) => app.fetch(request),
    quiet: true,
  })
  const upload = async () => {
    const artifact = new Artifact('sample', 'dataset')
    await artifact.add(noise(300_000), { name: 'large.bin' })
    await artifact.add(new TextEncoder().encode('small'), { name: 'small.txt' })
    return session.uploadArtifact(artifact, at)
  }
  await upload()
  const lose = async () => {
    for (const { key } of (await store.list({ prefix: 't/tests/b/' })).objects) await store.delete(key)
  }
  return { session, upload, lose }
}

test('an error about a blob that the store lost says that the version is damaged, and an upload restores it', async () => {
  const { session, upload, lose } = await openWithVersion()
  await lose()
  const artifact = await session.getArtifact('sample', 'dataset', 'V1', at)
  const reads = {
    bytes: () => artifact.entry('large.bin').bytes(),
    range: () => artifact.entry('large.bin').bytes({ start: 5, end: 9 }),
    text: () => artifact.entry('small.txt').text(),
    download: async () => artifact.download(join(await temporaryFolder(), 'there')),
    fetchAsset: () => session.fetchAsset('dataset/sample:V1', at),
    'fetchAsset of a file': () => session.fetchAsset('dataset/sample:V1[small.txt]', at),
  }
  for (const [name, read] of Object.entries(reads)) {
    const { message, details } = await errorOf('integrity_error', read())
    expect(message, name).toMatch(
      /dataset\/sample:V1 is damaged: .*sha256:[0-9a-f]{64}.*trackway-server check/,
    )
    expect(details, name).toMatchObject({ version: 'dataset/sample:V1', blob: expect.any(String) })
  }
  expect(await upload()).toMatchObject({ tag: 'V1', created: false })
  for (const read of Object.values(reads)) await read()
})

test('if the version was deleted, the error says that instead', async () => {
  const { session, lose } = await openWithVersion()
  const artifact = await session.getArtifact('sample', 'dataset', 'V1', at)
  await session.deleteVersion('sample', 'dataset', 'V1', at)
  await lose()
  await errorOf('version_deleted', artifact.entry('large.bin').bytes())
})

test('the error for an artifact of another experiment names that experiment', async () => {
  const { session } = await openWithVersion()
  const { message, details } = await errorOf(
    'not_found',
    session.getArtifact('sample', 'dataset', 'V1', { experiment: 'dmo' }),
  )
  expect(message).toContain('experiment demo has it')
  expect(details).toMatchObject({ experiments: ['demo'] })
})
