import { defaultLimits, sha256 } from '@trackway/protocol'
import { commitFiles, createRandom, createScheduler } from '@trackway/simulation'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openEngine } from '../src/engine/engine.ts'
import { createMemoryStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { artifact, bytesOf, manifestOf, openApp, type Answer, type EngineApp } from './engine-app.ts'

const scope = { team: 't', experiment: 'e', type: 'dataset', name: 'sample' }
const versions = `${artifact}/versions`

function outcome({ status, body }: Answer): string {
  return `${status} ${String(body['code'] ?? body['tag'])}`
}

async function tagsOf(app: EngineApp): Promise<unknown> {
  const { body } = await app.send('GET', `${versions}?deleted=true`)
  return (body['items'] as { tag: string }[]).map(({ tag }) => tag) // The protocol says so.
}

test.each([
  ['without a base', {}],
  ['from nothing', { base: null }],
  ['from nothing or not at all', { base: null, onConflict: 'fail' }],
  ['as V1', { tag: 'V1' }],
])('six writers of the same content at once get one version, %s', async (_, wish) => {
  const app = await openApp()
  const answers = await Promise.all(Array.from({ length: 6 }, () => app.commit('one', wish)))
  expect(answers.map(outcome).sort()).toEqual(['200 V1', '200 V1', '200 V1', '200 V1', '200 V1', '201 V1'])
  expect(await tagsOf(app)).toEqual(['V1'])
})

test('if the version that took the tag has the same content, it is returned with its own description', async () => {
  const app = await openApp()
  await app.commit('one')
  await app.commit('two', { base: 'V1', description: 'theirs', metadata: { rows: 1 } })
  await app.commit('three', { base: 'V2' })
  const late = await app.commit('two', { base: 'V1', description: 'ours', metadata: { rows: 2 } })
  expect(late).toMatchObject({
    status: 200,
    body: { tag: 'V2', description: 'theirs', metadata: { rows: 1 } },
  })
  const wish = { base: 'V1', onConflict: 'fail' }
  expect(outcome(await app.commit('two', wish))).toBe('200 V2')
  expect(outcome(await app.commit('four', wish))).toBe('409 tag_conflict')
  expect(outcome(await app.commit('two', { base: 'V1', tag: 'V3' }))).toBe('409 tag_conflict')
  expect(await tagsOf(app)).toEqual(['V3', 'V2', 'V1'])
})

test('content that only a version older than the base has makes a new version', async () => {
  const app = await openApp()
  await app.commit('one', { base: null })
  await app.commit('two', { base: 'V1' })
  expect(outcome(await app.commit('one', { base: 'V2' }))).toBe('201 V3')
  expect(outcome(await app.commit('two'))).toBe('201 V4')
  expect(outcome(await app.commit('two'))).toBe('200 V4')
  expect(outcome(await app.commit('one', { base: null, since: 'V4' }))).toBe('201 V5')
  expect(outcome(await app.commit('one', { base: null, since: 'V4' }))).toBe('200 V5')
})

test('a version that was deleted meanwhile does not count', async () => {
  const app = await openApp()
  await app.commit('one', { base: null })
  await app.send('DELETE', `${versions}/V1`)
  expect(outcome(await app.commit('one', { base: null }))).toBe('201 V2')
  await app.send('POST', `${versions}/V1/restore`)
  await app.send('DELETE', `${versions}/V2`)
  expect(outcome(await app.commit('one', { base: null }))).toBe('200 V1')
})

test('a version that was made days ago counts too, if it was made since the base', async () => {
  let now = Date.now()
  const app = await openApp({ store: createMemoryStore({ now: () => now }) })
  await app.commit('one', { base: null })
  await app.commit('two', { base: 'V1' })
  await app.commit('three', { base: 'V2' })
  now += 30 * 24 * 60 * 60 * 1000
  expect(outcome(await app.commit('two', { base: 'V1' }))).toBe('200 V2')
  expect(outcome(await app.commit('three'))).toBe('200 V3')
  expect(outcome(await app.commit('two'))).toBe('201 V4')
})

test('a repeated commit is its own version, whatever others made of the same content', async () => {
  const app = await openApp()
  const request = { ...(await app.reserve('one')), base: null }
  expect(outcome(await app.send('POST', versions, request))).toBe('201 V1')
  await app.commit('two', { base: 'V1' })
  await app.commit('one', { base: 'V2' })
  expect(outcome(await app.send('POST', versions, request))).toBe('200 V1')
})

test('an executable bit makes different content, and different chunks do not', async () => {
  const app = await openApp()
  await app.commit('one', { base: null })
  const [entry] = manifestOf('one').entries
  const plain = manifestOf('one')
  const executable = { ...plain, entries: entry ? [{ ...entry, executable: true as const }] : [] }
  const cut = { ...plain, header: { ...plain.header, chunker: 'another' } }
  const commit = async (manifest: typeof plain) => {
    const { body } = await app.putManifest(manifest)
    const { reservation } = body
    const request = { manifest: sha256(bytesOf(manifest)), reservation, commitId: crypto.randomUUID() }
    return outcome(await app.send('POST', versions, { ...request, base: null }))
  }
  expect(await commit(cut)).toBe('200 V1')
  expect(await commit(executable)).toBe('201 V2')
  // Anyone who uploads this content again does not want a version that lost its manifest.
  const { body } = await app.send('GET', `${versions}/V1`)
  const { digest } = body['manifest'] as { digest: `sha256:${string}` } // The protocol says so.
  await app.store.delete(layout.manifest('t', digest))
  expect(await commit(cut)).toBe('201 V3')
})

test('in whatever order writers of a few contents take their turns, no content is stored twice since its base', async () => {
  const contents = fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 2, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.integer(), contents, async (seed, wanted) => {
      const scheduler = createScheduler({ random: createRandom(seed) })
      const store = createMemoryStore()
      const open = (name: string) =>
        openEngine({ store: name === '' ? store : scheduler.takeTurns(store, name), limits: defaultLimits })
      await open('')
      const records = await scheduler.run(
        wanted.map((content, index) => async () => {
          const files = { file: new TextEncoder().encode(String(content)) }
          const wish = { base: null }
          const commitId = crypto.randomUUID()
          return commitFiles(await open(`writer ${index}`), { scope, files, commitId, wish })
        }),
      )
      const tags = records.map((result) => (result.status === 'fulfilled' ? result.value.tag : result.reason))
      const made = new Set(wanted)
      expect(new Set(tags).size).toBe(made.size)
      for (const content of made)
        expect(new Set(tags.filter((_, index) => wanted[index] === content)).size).toBe(1)
    }),
    { numRuns: 40 },
  )
})
