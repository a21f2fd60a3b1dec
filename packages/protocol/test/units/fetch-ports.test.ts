import { expect, test } from 'vitest'
import { isRefusedByFetch } from '../../src/fetch-ports.ts'

const all = Array.from({ length: 65_535 }, (_, index) => index + 1)

test('the ports that fetch refuses are those that this platform refuses', async () => {
  const refused = all.filter(isRefusedByFetch)
  expect(refused.length).toBeGreaterThan(80)
  for (const port of refused) {
    const failure = await fetch(`http://127.0.0.1:${port}`).catch((error: unknown) => error)
    expect(failure).toMatchObject({ cause: { message: 'bad port' } })
  }
})

test('ports that servers usually listen on are not refused', () => {
  for (const port of [80, 443, 3000, 5000, 8000, 8080, 8443, 9111]) expect(isRefusedByFetch(port)).toBe(false)
})
