import { createApp, createMemoryStore } from '@trackway/server'
import { expect, test } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { errorOf } from './test-server.ts'

const at = { experiment: 'demo' }

async function openSession() {
  const store = createMemoryStore()
  const app = await createApp({ store, access: { user: 'ada' } })
  const open = () =>
    login({ host: 'http://test', apiKey: 'tw_any', fetch: (request) => app.fetch(request), quiet: true })
  const session = await open()
  const upload = async (content: string, words = {}) => {
    const artifact = new Artifact('sample', 'dataset', words)
    await artifact.add(new TextEncoder().encode(content), { name: 'a' })
    return session.uploadArtifact(artifact, at)
  }
  await upload('1', { description: 'made', metadata: { rows: 1 } })
  return { session, upload, open }
}

test('the description of a version can be changed, and is shown everywhere', async () => {
  const { session, upload } = await openSession()
  const first = await session.getArtifact('sample', 'dataset', undefined, at)
  const said = { description: 'better', updatedBy: 'ada', tag: 'V1', digest: first.digest }
  const updated = await session.updateVersion('sample', 'dataset', 'latest', { description: 'better' }, at)
  expect(updated).toMatchObject({ ...said, metadata: { rows: 1 } })
  expect(await session.getVersion('sample', 'dataset', 'V1', at)).toMatchObject(said)
  expect(await session.listVersions('sample', 'dataset', at)).toMatchObject([said])
  expect(await session.listArtifacts(at)).toMatchObject([{ latest: said }])
  const again = await session.getArtifact('sample', 'dataset', undefined, at)
  expect(again).toMatchObject({ description: 'better', metadata: { rows: 1 }, digest: first.digest })
  expect(await session.getArtifact('sample', 'dataset', 'V1', at)).toMatchObject({ description: 'better' })
  await session.updateVersion('sample', 'dataset', 'V1', { description: 'best' }, at)
  expect(await session.getArtifact('sample', 'dataset', 'V1', at)).toMatchObject({ description: 'best' })
  expect(await upload('1', { description: 'best' })).toMatchObject({ created: false, dropped: [] })
})

test("the history of a version's descriptions can be read", async () => {
  const { session } = await openSession()
  await session.updateVersion('sample', 'dataset', 'V1', { metadata: { rows: 2 } }, at)
  await session.updateVersion('sample', 'dataset', 'V1', { description: '' }, at)
  expect(await session.getVersionHistory('sample', 'dataset', 'V1', at)).toMatchObject([
    { description: '', metadata: { rows: 2 }, updatedBy: 'ada' },
    { description: 'made', metadata: { rows: 2 }, updatedBy: 'ada' },
    { description: 'made', metadata: { rows: 1 }, updatedBy: 'ada' },
  ])
})

test('an empty or invalid change is refused', async () => {
  const { session } = await openSession()
  const update = (change: object, revision = 'V1') =>
    session.updateVersion('sample', 'dataset', revision, change, at)
  const { message } = await errorOf('option_invalid', update({ descripton: 'x' }))
  expect(message).toContain("'descripton'")
  await errorOf('option_invalid', update({}))
  await errorOf('not_found', update({ description: 'x' }, 'V2'))
  await session.deleteVersion('sample', 'dataset', 'V1', at)
  await errorOf('version_deleted', update({ description: 'x' }))
})

test('a push includes the current description of a version', async () => {
  const { session } = await openSession()
  const { session: target } = await openSession()
  await session.updateVersion('sample', 'dataset', 'V1', { description: 'better' }, at)
  const into = { name: 'copy' }
  await session.push('dataset/sample', { to: target, into, ...at })
  expect(await target.getVersion('copy', 'dataset', 'V1', at)).toMatchObject({
    description: 'better',
    metadata: { rows: 1 },
  })
  expect(await target.getVersionHistory('copy', 'dataset', 'V1', at)).toHaveLength(1)
})

test('the history of an alias can be read', async () => {
  const { session, upload } = await openSession()
  await upload('2')
  await session.setAlias('sample', 'dataset', 'best', 'V1', at)
  await session.setAlias('sample', 'dataset', 'best', 'V2', at)
  await session.removeAlias('sample', 'dataset', 'best', at)
  const moves = await session.getAliasHistory('sample', 'dataset', 'best', at)
  expect(moves.map(({ tag, movedBy }) => [tag, movedBy])).toEqual([
    [null, 'ada'],
    ['V2', 'ada'],
    ['V1', 'ada'],
  ])
  const { message } = await errorOf('not_found', session.getAliasHistory('sample', 'dataset', 'bast', at))
  expect(message).toContain("no alias 'bast'")
  await errorOf('not_found', session.getAliasHistory('none', 'dataset', 'best', at))
})
