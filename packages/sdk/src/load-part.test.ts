import { expect, test } from 'vitest'
import { errorOf } from '../test/test-server.ts'
import { loadPart } from './load-part.ts'

test('a part that does not arrive is told from a defect', async () => {
  const cause = new TypeError('Failed to fetch dynamically imported module')
  const error = await errorOf(
    'network_error',
    loadPart(() => Promise.reject(cause)),
  )
  expect(error.cause).toBe(cause)
})
