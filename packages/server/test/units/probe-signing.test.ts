import { expect, onTestFinished, test } from 'vitest'
import { serve } from '../../src/node/serve.ts'
import { createSigningStore, type BucketFlaw } from '../../src/testing/signing-store.ts'
import { createMemoryStore } from '../../src/stores/memory-store.ts'
import { probeSigning } from '../../src/stores/probe-signing.ts'

/** A bucket on a port, as the probe finds it, and the problems that it reports. */
async function probed(...flaws: BucketFlaw[]) {
  const bucket = createSigningStore({ origin: () => server.url, flaws })
  const server = await serve({ app: bucket, port: 0 })
  onTestFinished(() => server.close())
  const problems: string[] = []
  const { signing } = await probeSigning(bucket.store, (problem) => void problems.push(problem))
  const left = await bucket.store.list({ prefix: '' })
  expect(left.objects).toEqual([])
  return { signing, problems }
}

test('a store that enforces its signatures keeps its signing', async () => {
  const { signing, problems } = await probed()
  expect(problems).toEqual([])
  expect(signing?.put).toBeTypeOf('function')
})

test.each<[BucketFlaw, string]>([
  ['accepts any bytes', 'does not accept other bytes'],
  ['ignores the condition', 'without its condition'],
  ['copies any object', 'do not change what is stored'],
  ['accepts a put of a taken key', 'fails with 412'],
  ['stores any content encoding', 'do not change what is stored'],
])('a store that %s does not sign puts', async (flaw, problem) => {
  const { signing, problems } = await probed(flaw)
  expect(problems.join('\n')).toContain(problem)
  expect(signing?.get).toBeTypeOf('function')
  expect(signing?.put).toBeUndefined()
})

test.each<[BucketFlaw, string]>([
  ['gives objects to anyone', 'without a signature'],
  ['ignores what a signature is for', 'the signature of another'],
  ['ignores the method', 'permits nothing else'],
  ['accepts expired signatures', 'a signed get expires'],
])('a store that %s signs nothing', async (flaw, problem) => {
  const { signing, problems } = await probed(flaw)
  expect(problems.join('\n')).toContain(problem)
  expect(signing).toBeUndefined()
})

test('a store that cannot be reached at its own URLs signs nothing', async () => {
  const server = await serve({ app: { fetch: () => Promise.resolve(new Response()) }, port: 0 })
  await server.close()
  const problems: string[] = []
  const { store } = createSigningStore({ origin: () => server.url })
  expect((await probeSigning(store, (problem) => void problems.push(problem))).signing).toBeUndefined()
  expect(problems).toEqual([expect.stringContaining('The answer is missing')])
})

test('a store that signs nothing is unchanged', async () => {
  const store = createMemoryStore()
  expect(await probeSigning(store)).toBe(store)
})
