import { expect, test } from 'vitest'
import { readAll } from '../src/engine/documents.ts'
import { listObjects } from '../src/engine/listing.ts'
import { createMemoryStore } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { artifact, openApp } from './engine-app.ts'

const runs = '/teams/t/experiments/e/runs'
const point = (step: number, value: number | string) => ({
  step,
  key: 'loss',
  value,
  time: 1_700_000_000_000 + step,
})

test('a run without a name gets one, the same for the same commit', async () => {
  const app = await openApp()
  const commitId = crypto.randomUUID()
  const first = await app.send('POST', runs, { commitId })
  expect(first).toMatchObject({ status: 201, body: { state: 'running' } })
  expect(first.body['run']).toMatch(/^[a-z]+-[a-z]+-1$/)
  expect(await app.send('POST', runs, { commitId })).toMatchObject({
    status: 200,
    body: { run: first.body['run'] },
  })
})

test('a run of a name that exists is continued, and keeps its config', async () => {
  const app = await openApp()
  await app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID(), config: { seed: 1 } })
  const ended = await app.send('POST', `${runs}/r/finish`, { state: 'failed', commitId: crypto.randomUUID() })
  expect(ended).toMatchObject({ status: 200, body: { state: 'failed' } })
  const again = await app.send('POST', runs, { run: 'R', commitId: crypto.randomUUID(), config: { rate: 2 } })
  expect(again).toMatchObject({
    status: 200,
    body: { run: 'r', state: 'running', config: { seed: 1, rate: 2 } },
  })
})

test('a run whose process was killed is interrupted, which older readers see as failed', async () => {
  const app = await openApp()
  await app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID() })
  const end = { state: 'interrupted', error: 'It was killed', commitId: crypto.randomUUID() }
  const ended = await app.send('POST', `${runs}/r/finish`, end)
  expect(ended).toMatchObject({ status: 200, body: { state: 'interrupted', error: 'It was killed' } })
  expect(ended.body).not.toHaveProperty('interrupted')
  expect(await app.send('GET', `${runs}/r`)).toMatchObject({ body: { state: 'interrupted' } })
  const { body } = await app.send('GET', runs)
  expect(body).toMatchObject({ items: [{ run: 'r', state: 'interrupted' }] })
  const [key = ''] = await keysBelow(app.store, layout.runStates({ team: 't', experiment: 'e', run: 'r' }))
  const stored = await app.store.get(key)
  if (stored === undefined) throw new Error('The state is not stored')
  const text = new TextDecoder().decode(await readAll(stored.body, 10_000))
  expect(JSON.parse(text)).toMatchObject({ state: 'failed', interrupted: true })
})

test('a late end does not end a run that was continued since', async () => {
  const app = await openApp()
  const begun = await app.send('POST', runs, { run: 'r', config: {}, commitId: crypto.randomUUID() })
  const { commitId: expected } = begun.body
  const finish = () => ({ state: 'interrupted', commitId: crypto.randomUUID(), expected })
  await app.send('POST', runs, { run: 'r', config: {}, commitId: crypto.randomUUID() })
  const late = await app.send('POST', `${runs}/r/finish`, finish())
  expect(late).toMatchObject({ status: 200, body: { state: 'running' } })
  const again = await app.send('POST', runs, { run: 'other', config: {}, commitId: expected })
  expect(again.body).toMatchObject({ run: 'other', commitId: expected })
  const ended = await app.send('POST', `${runs}/other/finish`, finish())
  expect(ended).toMatchObject({ status: 200, body: { state: 'interrupted' } })
})

test('configs that together are too large are refused, and the run stays readable', async () => {
  const app = await openApp()
  const config = (key: string) => ({ [key]: 'x'.repeat(60_000) })
  await app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID(), config: config('a') })
  const answer = await app.send('POST', runs, {
    run: 'r',
    commitId: crypto.randomUUID(),
    config: config('b'),
  })
  expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid' } })
  expect(await app.send('GET', `${runs}/r`)).toMatchObject({ status: 200, body: { state: 'running' } })
})

test('a log keeps its order and its numbers, and takes each segment once', async () => {
  const app = await openApp()
  await app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID() })
  const put = (segment: string, ...points: object[]) =>
    app.send('PUT', `${runs}/r/log/${segment}`, { points })
  expect(await put('0000000002-aaaaaaaa', point(1, 'NaN'))).toMatchObject({ body: { stored: true } })
  expect(await put('0000000001-aaaaaaaa', point(0, 0.5))).toMatchObject({ body: { stored: true } })
  expect(await put('0000000001-aaaaaaaa', point(9, 9))).toMatchObject({ body: { stored: false } })
  expect(await app.send('GET', `${runs}/r/log`)).toMatchObject({
    body: { points: [point(0, 0.5), point(1, 'NaN')] },
  })
  expect(
    await app.send('PUT', `${runs}/none/log/0000000001-aaaaaaaa`, { points: [point(0, 1)] }),
  ).toMatchObject({ status: 404 })
  expect(await app.send('GET', `${runs}/none/log`)).toMatchObject({ status: 404 })
})

test('a run continues after its latest points, whatever the names of its segments', async () => {
  let now = 0
  const app = await openApp({ store: createMemoryStore({ now: () => now }) })
  const begin = () => app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID() })
  const put = (segment: string, step: number) => {
    now += 1000
    return app.send('PUT', `${runs}/r/log/${segment}`, { points: [point(step, 1)] })
  }
  await begin()
  // Many in a moment: their names run ahead of the clock that those of the next process begin with.
  for (let step = 0; step < 20; step += 1) await put(`00000001${10 + step}-aaaaaaaa`, step)
  expect((await begin()).body).toMatchObject({ nextStep: 20 })
  await put('0000000101-bbbbbbbb', 20)
  expect((await begin()).body).toMatchObject({ nextStep: 21 })
})

test('a run that has logged the last possible step is continued there', async () => {
  const app = await openApp()
  const begin = () => app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID() })
  await begin()
  const last = { ...point(0, 1), step: Number.MAX_SAFE_INTEGER }
  await app.send('PUT', `${runs}/r/log/0000000001-aaaaaaaa`, { points: [last] })
  expect((await begin()).body).toMatchObject({ nextStep: Number.MAX_SAFE_INTEGER })
})

test('a run with a damaged part of its log can be continued', async () => {
  const store = createMemoryStore()
  const app = await openApp({ store })
  const begin = () => app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID() })
  await begin()
  await app.send('PUT', `${runs}/r/log/0000000001-aaaaaaaa`, { points: [point(4, 1)] })
  let damaged = ''
  for await (const { key } of listObjects(store, { prefix: '' })) {
    if (key.includes('/log/')) damaged = key.replace('0000000001', '0000000002')
  }
  await store.putIfAbsent(damaged, new TextEncoder().encode('{"step":'))
  expect((await begin()).body).toMatchObject({ nextStep: 5 })
})

test('lineage is known from the run and from the version', async () => {
  const app = await openApp()
  for (const run of ['maker', 'reader']) await app.send('POST', runs, { run, commitId: crypto.randomUUID() })
  await app.commit('one', { run: { experiment: 'e', run: 'maker' } })
  const input = { experiment: 'e', type: 'dataset', name: 'sample', tag: 'V1' }
  expect(await app.send('POST', `${runs}/reader/inputs`, input)).toMatchObject({ status: 200 })
  expect(await app.send('POST', `${runs}/reader/inputs`, input)).toMatchObject({ status: 200 })
  expect(await app.send('GET', `${runs}/maker`)).toMatchObject({ body: { inputs: [], outputs: [input] } })
  expect(await app.send('GET', `${runs}/reader`)).toMatchObject({ body: { inputs: [input], outputs: [] } })
  expect(await app.send('GET', `${artifact}/versions/V1/lineage`)).toMatchObject({
    body: { producedBy: { run: 'maker' }, usedBy: [{ experiment: 'e', run: 'reader' }] },
  })
  expect(await app.send('POST', `${runs}/reader/inputs`, { ...input, tag: 'V9' })).toMatchObject({
    status: 404,
  })
})

test('a page of a log is bounded by its bytes, and all pages together are the log', async () => {
  const store = createMemoryStore()
  const app = await openApp({ store })
  await app.send('POST', runs, { run: 'r', commitId: crypto.randomUUID() })
  const line = (step: number) =>
    `${JSON.stringify(point(step, 1)).slice(0, -1)},"pad":"${'x'.repeat(5 * 1024 * 1024)}"}\n`
  for (const step of [1, 2, 3]) {
    const key = layout.logSegment({ team: 't', experiment: 'e', run: 'r' }, `000000000${step}-aaaaaaaa`)
    await store.putIfAbsent(key, new TextEncoder().encode(line(step)))
  }
  const pages: number[][] = []
  for (let query = ''; ; ) {
    const { body } = await app.send('GET', `${runs}/r/log${query}`)
    pages.push((body['points'] as { step: number }[]).map(({ step }) => step)) // The protocol says so.
    if (body['next'] === undefined) break
    query = `?cursor=${body['next'] as string}` // The protocol says so.
  }
  expect(pages).toEqual([[1], [2], [3]])
})

async function keysBelow(store: Parameters<typeof listObjects>[0], prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of listObjects(store, { prefix })) keys.push(key)
  return keys
}
