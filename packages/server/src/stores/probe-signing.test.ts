import { expect, onTestFinished, test } from 'vitest'
import { serve } from '../node/serve.ts'
import { createSigningStore, type BucketFlaw } from '../testing/signing-store.ts'
import { createMemoryStore } from './memory-store.ts'
import { probeSigning } from './probe-signing.ts'

/** A bucket on a port, as the probe finds it, and what it says of it. */
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

test('a store that holds those who have a signed request to it keeps its signing', async () => {
  const { signing, problems } = await probed()
  expect(problems).toEqual([])
  expect(signing?.put).toBeTypeOf('function')
})

test.each<[BucketFlaw, string]>([
  ['takes any bytes', 'no other bytes'],
  ['ignores the condition', 'without its condition'],
  ['copies what it is asked to', 'does not change what is stored'],
  ['answers a put of a taken key with success', 'answers 412'],
  ['tells how bytes are packed as it was told', 'does not change what is stored'],
])('a store that %s signs no put', async (flaw, problem) => {
  const { signing, problems } = await probed(flaw)
  expect(problems.join('\n')).toContain(problem)
  expect(signing?.get).toBeTypeOf('function')
  expect(signing?.put).toBeUndefined()
})

test.each<[BucketFlaw, string]>([
  ['gives to anybody', 'without a signature'],
  ['ignores whose signature it is', 'the signature of another'],
  ['ignores the method', 'to do anything else'],
  ['takes what has expired', 'a signed get ends'],
])('a store that %s signs nothing', async (flaw, problem) => {
  const { signing, problems } = await probed(flaw)
  expect(problems.join('\n')).toContain(problem)
  expect(signing).toBeUndefined()
})

test('a store that cannot be reached by its own addresses signs nothing', async () => {
  const server = await serve({ app: { fetch: () => Promise.resolve(new Response()) }, port: 0 })
  await server.close()
  const problems: string[] = []
  const { store } = createSigningStore({ origin: () => server.url })
  expect((await probeSigning(store, (problem) => void problems.push(problem))).signing).toBeUndefined()
  expect(problems).toEqual([expect.stringContaining('answered with nothing')])
})

test('a store that signs nothing is left as it is', async () => {
  const store = createMemoryStore()
  expect(await probeSigning(store)).toBe(store)
})
