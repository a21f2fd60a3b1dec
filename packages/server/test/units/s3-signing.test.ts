import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openObjectStore } from '../../src/node/open-object-store.ts'

const stores = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []
const unconditional = process.env['TRACKWAY_TEST_S3_UNCONDITIONAL']

test.runIf(stores.length === 0)('a bucket signs requests', ({ skip }) =>
  skip('TRACKWAY_TEST_S3 does not name a store'),
)

describe.each(stores)('%s', (location) => {
  test('limits clients to what a request was signed for', async () => {
    const problems: string[] = []
    const store = await openObjectStore(location.replace('?', `/${randomUUID()}?`), {
      signing: true,
      onProblem: (problem) => void problems.push(problem),
    })
    expect(problems).toEqual([])
    expect(store.signing?.put).toBeTypeOf('function')
    expect((await store.list({ prefix: '' })).objects).toEqual([])
  })

  test('signs nothing unless it is asked to', async () => {
    expect((await openObjectStore(location)).signing).toBeUndefined()
  })

  test('does not sign puts if only one process may write', async () => {
    const store = await openObjectStore(`${location}&exclusiveWriter=true`, { signing: true })
    expect(store.signing).toEqual({ get: expect.any(Function) })
  })

  test('signs a key with any of its characters, and prevents browsers from running the content', async () => {
    const store = await openObjectStore(location, { signing: true })
    const key = `t/signs/${randomUUID()}/some%2Fname.x_y-z`
    await store.putIfAbsent(key, new TextEncoder().encode('content'))
    const signed = await store.signing?.get(key, { lifeMs: 60_000 })
    const response = await fetch(signed?.url ?? '')
    expect(await response.text()).toBe('content')
    expect(response.headers.get('content-disposition')).toBe('attachment')
    await store.delete(key)
  })
})

describe.runIf(unconditional !== undefined)('a store that ignores conditions', () => {
  test('does not sign puts', async () => {
    const problems: string[] = []
    const store = await openObjectStore(unconditional ?? '', {
      signing: true,
      onProblem: (problem) => void problems.push(problem),
    })
    expect(store.signing?.put).toBeUndefined()
    expect(problems).not.toEqual([])
  })
})
