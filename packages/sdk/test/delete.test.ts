import { checkStore, createMemoryStore, type ObjectStore } from '@trackway/server'
import { expect, test } from 'vitest'
import { Artifact, type Session } from '../src/index.ts'
import { errorOf, noise, startServer, temporaryFolder, writeFiles } from './test-server.ts'

async function openSession(): Promise<Session> {
  const { session } = await startServer()
  await session.init({ experiment: 'demo', quiet: true })
  for (const content of ['one', 'two', 'three']) {
    const artifact = new Artifact('sample', 'dataset')
    await artifact.add(new TextEncoder().encode(content), { name: 'a.txt' })
    await session.uploadArtifact(artifact)
  }
  return session
}

test('versions are deleted and restored by their tags', async () => {
  const session = await openSession()
  const { digest } = await session.getArtifact('sample', 'dataset', 'V3')
  await session.getArtifact('sample', 'dataset', digest)
  await session.deleteVersion('sample', 'dataset', 'V3')
  expect((await session.listVersions('sample', 'dataset')).map(({ tag }) => tag)).toEqual(['V2', 'V1'])
  const all = await session.listVersions('sample', 'dataset', { deleted: true })
  expect(all.map(({ tag, deleted }) => [tag, deleted])).toEqual([
    ['V3', true],
    ['V2', undefined],
    ['V1', undefined],
  ])
  await errorOf('version_deleted', session.getArtifact('sample', 'dataset', 'V3'))
  await errorOf('not_found', session.getArtifact('sample', 'dataset', digest))
  expect(await session.restoreVersion('sample', 'dataset', 'V3')).toMatchObject({ tag: 'V3' })
  const restored = await session.getArtifact('sample', 'dataset', 'V3')
  expect(await restored.entry('a.txt').text()).toBe('three')
  await errorOf('revision_invalid', session.deleteVersion('sample', 'dataset', 'latest'))
})

test('rules say what they would delete, and delete it', async () => {
  const session = await openSession()
  await session.setAlias('sample', 'dataset', 'production', 'V1')
  const preview = await session.applyRetention({ keepLast: 1, dryRun: true })
  expect(preview).toMatchObject({ versions: [{ tag: 'V2' }], kept: 2, dryRun: true })
  expect(preview.freedBytes).toBeGreaterThan(0)
  expect(await session.applyRetention({ keepLast: 1 })).toEqual({ ...preview, dryRun: false })
  expect((await session.listVersions('sample', 'dataset')).map(({ tag }) => tag)).toEqual(['V3', 'V1'])
  await errorOf('request_invalid', session.applyRetention({}))
})

test('content whose version was deleted is uploaded as a new version', async () => {
  const session = await openSession()
  const artifact = new Artifact('other', 'dataset')
  await artifact.add(new TextEncoder().encode('content'), { name: 'a.txt' })
  await session.uploadArtifact(artifact)
  const another = new Artifact('other', 'dataset')
  await another.add(new TextEncoder().encode('more'), { name: 'a.txt' })
  await session.uploadArtifact(another)
  await session.deleteVersion('other', 'dataset', 'V1')
  expect(await session.uploadArtifact(artifact)).toMatchObject({ tag: 'V3', created: true })
})

const files = {
  'small/a.txt': 'the first small file',
  'small/b.txt': 'the second small file',
  'middle.bin': noise(600_000, 1),
  'large.bin': noise(6_000_000, 2),
}

/** A store with one version of the files, and a folder that has them. */
async function openFilled() {
  const store = createMemoryStore()
  const server = await startServer({ store })
  const folder = await temporaryFolder()
  await writeFiles(folder, files)
  const upload = async () => {
    const artifact = new Artifact('sample', 'dataset')
    await artifact.add(folder)
    return server.session.uploadArtifact(artifact, { quiet: true })
  }
  await upload()
  return { store, server, folder, upload }
}

/** Turns a bit around in every blob, so that a check moves all of them away. */
async function damageAll(store: ObjectStore): Promise<number> {
  const { objects } = await store.list({ prefix: 't/tests/b/' })
  for (const { key } of objects) {
    const pieces: Uint8Array[] = []
    for await (const piece of (await store.get(key))?.body ?? []) pieces.push(piece)
    const bytes = new Uint8Array(await new Blob(pieces.map((piece) => piece.slice())).arrayBuffer())
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    await store.delete(key)
    await store.putIfAbsent(key, bytes)
  }
  const report = await checkStore(store, { readData: true })
  expect(report.damages).toHaveLength(objects.length)
  return objects.length
}

test('uploading the same files again heals every blob that was found damaged', async () => {
  const { store, server, upload } = await openFilled()
  expect(await damageAll(store)).toBeGreaterThan(5)
  expect(await upload()).toMatchObject({ tag: 'V1', created: false })
  expect(await checkStore(store, { readData: true })).toMatchObject({ ok: true, damages: [] })
  const artifact = await server.session.getArtifact('sample', 'dataset', 'V1')
  expect(await artifact.entry('large.bin').bytes()).toEqual(files['large.bin'])
})

test('uploading files of which some changed makes a complete version, and repairs versions that share its bytes', async () => {
  const { store, server, folder, upload } = await openFilled()
  await damageAll(store)
  await writeFiles(folder, { 'small/b.txt': 'changed' })
  expect(await upload()).toMatchObject({ tag: 'V2', created: true })
  const { damages } = await checkStore(store, { readData: true })
  expect(damages.flatMap(({ versions }) => versions)).not.toContain('uncategorized/dataset/sample:V2')
  const artifact = await server.session.getArtifact('sample', 'dataset', 'V2')
  expect(await artifact.entry('small/a.txt').text()).toBe(files['small/a.txt'])
})

test('a lost blob that is not at hand is reported, instead of making a version that lacks it', async () => {
  const { store, server } = await openFilled()
  await damageAll(store)
  const artifact = await server.session.getArtifact('sample', 'dataset', 'V1')
  await artifact.add(new TextEncoder().encode('more'), { name: 'more.txt' })
  await errorOf('blobs_missing', server.session.uploadArtifact(artifact, { quiet: true }))
})
