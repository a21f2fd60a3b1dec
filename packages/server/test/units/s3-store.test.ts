import { describe, expect, test } from 'vitest'
import { describeObjectStore } from '../../src/testing/describe-object-store.ts'
import { probeStore } from '../../src/stores/probe-store.ts'
import { openObjectStore } from '../../src/node/open-object-store.ts'

const stores = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []
const unconditional = process.env['TRACKWAY_TEST_S3_UNCONDITIONAL']

for (const location of stores) {
  describeObjectStore(location, async () => ({ store: await openObjectStore(location) }), { describe, test })
}

test.runIf(stores.length === 0)('an S3 store is an object store', ({ skip }) =>
  skip('TRACKWAY_TEST_S3 does not name a store'),
)

describe.runIf(unconditional !== undefined)('a store that ignores conditions', () => {
  test('is refused, and the promise that it breaks is named', async () => {
    const store = await openObjectStore(unconditional ?? '')
    await expect(probeStore(store)).rejects.toMatchObject({
      code: 'store_unsuitable',
      details: { property: 'a second put of a key returns false and changes nothing' },
    })
  })

  test('is accepted if only one process writes', async () => {
    await probeStore(await openObjectStore(`${unconditional}&exclusiveWriter=true`))
  })
})
