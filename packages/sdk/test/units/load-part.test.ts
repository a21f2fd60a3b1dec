import { expect, test } from 'vitest'
import { errorOf } from '../test-server.ts'
import { loadPart } from '../../src/parts/load.ts'

test('a part that fails to load is not reported as a defect', async () => {
  const cause = new TypeError('Failed to fetch dynamically imported module')
  const error = await errorOf(
    'network_error',
    loadPart(() => Promise.reject(cause)),
  )
  expect(error.cause).toBe(cause)
})
