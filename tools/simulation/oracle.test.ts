import { defaultLimits, formatTag } from '@trackway/protocol'
import { createMemoryStore } from '@trackway/server'
import { layout, openEngine, putStoredRecord } from '@trackway/server/internals'
import { expect, test } from 'vitest'
import { commitFiles } from './engine-client.ts'
import { createOracle } from './oracle.ts'

const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const files = { a: new TextEncoder().encode('one') }

async function openCommitted() {
  const store = createMemoryStore()
  const engine = await openEngine({ store, limits: defaultLimits })
  const oracle = createOracle()
  const commitId = crypto.randomUUID()
  oracle.attempt(scope, commitId, files)
  oracle.acknowledge(scope, await commitFiles(engine, { scope, files, commitId }))
  return { store, oracle, engine, reopen: () => openEngine({ store, limits: defaultLimits }) }
}

test('an acknowledged version that exists is right', async () => {
  const { oracle, engine } = await openCommitted()
  expect(await oracle.verify(engine)).toBe(1)
})

test('a missing blob, manifest or record is noticed', async () => {
  for (const prefix of ['t/t/b/', 't/t/m/', layout.versions(scope)]) {
    const { store, oracle, reopen } = await openCommitted()
    for (const { key } of (await store.list({ prefix })).objects) await store.delete(key)
    await expect(oracle.verify(await reopen()), prefix).rejects.toThrow(/V1/)
  }
})

test('a version that nobody committed is noticed, and so is one that was made twice', async () => {
  const { oracle, engine } = await openCommitted()
  await commitFiles(engine, { scope, files: { b: files.a }, commitId: crypto.randomUUID() })
  await expect(oracle.verify(engine)).rejects.toThrow('a commit that nobody made')
  const again = await openCommitted()
  const record = await again.engine.versions.resolve(scope, 'V1')
  await putStoredRecord(again.store, layout.record(scope, 2), { ...record, tag: formatTag(2) })
  await expect(again.oracle.verify(again.engine)).rejects.toThrow('the same commit')
})

test('a version with the content of one made since its base is noticed, and so is one of other files', async () => {
  const { oracle, engine, store } = await openCommitted()
  const first = await engine.versions.resolve(scope, 'V1')
  const commitId = crypto.randomUUID()
  oracle.attempt(scope, commitId, files)
  await putStoredRecord(store, layout.record(scope, 2), { ...first, tag: formatTag(2), commitId })
  await expect(oracle.verify(engine)).rejects.toThrow('V2 has the content of V1')
  expect(() => oracle.acknowledge(scope, first, { b: files.a })).toThrow('other files')
})

test('a deletion that nobody requested and a missing one are noticed', async () => {
  const { oracle, engine } = await openCommitted()
  oracle.attemptChange(scope, 'V1')
  oracle.acknowledgeChange(scope, 'V1', 'deleted')
  await expect(oracle.verify(engine)).rejects.toThrow('was deleted')
  const other = await openCommitted()
  await other.engine.versions.delete(scope, 'V1', { user: 'a' })
  await expect(other.oracle.verify(other.engine)).rejects.toThrow('no call deleted it')
})
