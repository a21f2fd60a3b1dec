import { defaultLimits } from '@trackway/protocol'
import { describe, expect, it, test } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { errorOf, startServer, testHost } from './test-server.ts'

const mebibyte = 1024 * 1024

/** A session that gets its lists of versions from the test. */
async function sessionWithLists(list: (cursor: string | null) => Response) {
  const server = await startServer()
  server.intercept(({ url }) => {
    const { pathname, searchParams } = new URL(url)
    return pathname.endsWith('/versions') ? list(searchParams.get('cursor')) : undefined
  })
  const fetch = (request: Request) => server.answer(request)
  const session = await login({ host: testHost, apiKey: 'tw_test', quiet: true, fetch })
  return { server, list: () => session.listVersions('s', 'dataset', { experiment: 'e' }) }
}

describe('an answer', () => {
  it.each([
    ['wrong values', `{"items":[${'0,'.repeat(7 * mebibyte)}0]}`, 'values'],
    ['empty lists', `{"items":[],"more":[${'[],'.repeat(5 * mebibyte)}0]}`, 'values'],
    ['a deep nesting', `{"items":[],"more":${'['.repeat(mebibyte)}${']'.repeat(mebibyte)}}`, 'nested'],
  ])('of millions of %s is not parsed', async (_, text, expected) => {
    const { list } = await sessionWithLists(() => new Response(text))
    expect((await errorOf('not_trackway', list())).message).toContain(expected)
  })

  it('of half a million wrong values takes little memory to refuse', async () => {
    const text = `{"items":[${'0,'.repeat(mebibyte / 2)}0]}`
    const { list } = await sessionWithLists(() => new Response(text))
    const before = process.memoryUsage().rss
    await errorOf('not_trackway', list())
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * mebibyte)
  })
})

describe('pages of a list', () => {
  it.each([1, 2, 3, 7, 100])('that form a circle of %d end in an error', async (length) => {
    let asked = 0
    const { list } = await sessionWithLists(() => {
      asked += 1
      return Response.json({ items: [], next: `${asked % length}` })
    })
    expect((await errorOf('not_trackway', list())).message).toContain('returns to a page')
    expect(asked).toBeLessThan(4 * length + 4)
  })

  it('that begin at an endless cursor are not requested', async () => {
    let asked = 0
    const { list } = await sessionWithLists(() => {
      asked += 1
      return Response.json({ items: [], next: 'x'.repeat(8193) })
    })
    expect((await errorOf('not_trackway', list())).message).toContain('next: ')
    expect(asked).toBe(1)
  })

  it('that have no end are aborted', async () => {
    const padding = 'x'.repeat(8 * mebibyte)
    let asked = 0
    const { list } = await sessionWithLists(() => {
      asked += 1
      return Response.json({ items: [], next: `${asked}`, padding })
    })
    await errorOf('too_large', list())
    expect(asked).toBe(8)
  })

  it('that are nearly empty are given up after a thousand', async () => {
    let asked = 0
    const { list } = await sessionWithLists(() => {
      asked += 1
      return Response.json({ items: [], next: `${asked}` })
    })
    await errorOf('too_large', list())
    expect(asked).toBeLessThan(1_100)
  })

  it('whose items are short count by the memory that they take', async () => {
    const server = await startServer()
    const items = Array.from({ length: 10_000 }, () => ({ experiment: 'e' }))
    let asked = 0
    server.intercept(({ url }) => {
      if (!new URL(url).pathname.endsWith('/experiments')) return undefined
      asked += 1
      return Response.json({ items, next: `${asked}` })
    })
    const fetch = (request: Request) => server.answer(request)
    const session = await login({ host: testHost, apiKey: 'tw_test', quiet: true, fetch })
    await errorOf('too_large', session.listExperiments())
    expect(asked).toBeLessThan(110)
  })
})

/** A server whose record of dataset/sample:V1 is changed so. */
async function withRecord(change: object) {
  const server = await startServer()
  const draft = new Artifact('sample', 'dataset')
  await draft.add(new TextEncoder().encode('content'), { name: 'file' })
  await server.session.uploadArtifact(draft)
  server.intercept(async (request) => {
    if (!request.url.endsWith('/versions/V1')) return undefined
    const record: object = await (await server.fetch(request)).json()
    return Response.json({ ...record, ...change })
  })
  server.forget()
  return { server, get: () => server.session.getArtifact('sample', 'dataset', 'V1') }
}

describe('a version', () => {
  it.each([
    [10_000, undefined],
    [10_001, 'aliases: Too big'],
  ])('with %d aliases', async (count, problem) => {
    const { get } = await withRecord({ aliases: Array.from({ length: count }, (_, at) => `alias-${at}`) })
    const asked = get()
    if (problem === undefined) expect((await asked).tag).toBe('V1')
    else expect((await errorOf('not_trackway', asked)).message).toContain(problem)
  })
})

describe('a manifest', () => {
  const withManifest = (size: number) =>
    withRecord({ manifest: { digest: `sha256:${'0'.repeat(64)}`, size } })

  it('that is larger than the files of its version can need is not requested', async () => {
    const { server, get } = await withManifest(2 * mebibyte)
    expect((await errorOf('integrity_error', get())).message).toContain('more than 1 files of 7 bytes')
    expect(server.requests.filter((request) => request.endsWith('/manifest'))).toEqual([])
  })

  it.each([{ fileCount: 2 }, { fileCount: 0 }, { size: 8 }, { size: 6 }])(
    'of 1 file of 7 bytes does not fit a record that states %j',
    async (change) => {
      const { get } = await withRecord(change)
      expect((await errorOf('integrity_error', get())).message).toContain('1 files of 7 bytes')
    },
  )

  it('that is larger than the limit is not requested', async () => {
    const { get } = await withManifest(defaultLimits.manifestBytes + 1)
    await errorOf('too_large', get())
  })
})

test('a list of 100,000 versions is read to its end', async () => {
  const total = 1000
  const server = await startServer()
  const draft = new Artifact('s', 'dataset')
  await draft.add(new TextEncoder().encode('content'), { name: 'file' })
  await server.session.uploadArtifact(draft, { experiment: 'e' })
  const path = '/api/v1/teams/tests/experiments/e/artifacts/dataset/s/versions/V1'
  const record: object = await (await server.fetch(new Request(`${testHost}${path}`))).json()
  const items = Array.from({ length: 100 }, () => record)
  const { list } = await sessionWithLists((cursor) => {
    const page = Number(cursor ?? 0) + 1
    return Response.json({ items, ...(page < total && { next: `${page}` }) })
  })
  expect(await list()).toHaveLength(100_000)
})
