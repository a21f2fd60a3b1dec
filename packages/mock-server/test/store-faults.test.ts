import { Artifact, login } from '@trackway/sdk'
import { expect, test } from 'vitest'
import { createMock, type StoreFault } from '../src/index.ts'

async function uploadTo(storeFault: (key: string) => StoreFault | undefined) {
  const mock = createMock({
    storeFault: ({ kind, key }) => (kind === 'putIfAbsent' ? storeFault(key) : undefined),
  })
  const retry = { budgetMs: 5000, firstDelayMs: 1, maxDelayMs: 2 }
  const { url: host, apiKey, fetch } = mock
  const session = await login({ host, apiKey, fetch, retry, quiet: true })
  await session.init({ quiet: true })
  const artifact = new Artifact('sample', 'dataset')
  await artifact.add(new TextEncoder().encode('content'), { name: 'a.txt' })
  const { tag } = await session.uploadArtifact(artifact)
  return { mock, tag, versions: await session.listVersions('sample', 'dataset') }
}

test('a record whose reply was lost is one version', async () => {
  let lost = 0
  const { tag, versions } = await uploadTo((key) => {
    const isRecord = /\/v\/\d+\.json$/.test(key)
    return isRecord && (lost += 1) === 1 ? 'after' : undefined
  })
  expect(lost).toBe(1)
  expect(tag).toBe('V1')
  expect(versions).toHaveLength(1)
})

test('a request to a store that fails once is repeated', async () => {
  let count = 0
  const { tag, mock } = await uploadTo(() => ((count += 1) === 1 ? 'before' : undefined))
  expect(tag).toBe('V1')
  expect(mock.requests.filter(({ status }) => status === 503).length).toBeGreaterThan(0)
})
