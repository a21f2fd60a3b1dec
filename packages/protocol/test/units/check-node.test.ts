import { afterEach, expect, test, vi } from 'vitest'
import { checkNode } from '../../src/check-node.ts'

afterEach(() => void vi.unstubAllGlobals())

test.for([{ node: '20.20.2' }, { node: '22.17.1' }, { node: '8.0.0' }])(
  'an older Node is refused: %o',
  (versions) => {
    vi.stubGlobal('process', { versions })
    expect(() => checkNode('@trackway/sdk')).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: `@trackway/sdk needs Node 22.18 or newer; this is ${versions.node}`,
      }),
    )
  },
)

test.for([
  { versions: { node: '22.18.0' } },
  { versions: { node: '24.0.0' } },
  { versions: { node: '20.0.0', deno: '2.9.6' } },
  { versions: { node: '20.0.0', bun: '1.4.5' } },
  {},
  undefined,
])('other runtimes are not: %o', (process) => {
  vi.stubGlobal('process', process)
  expect(() => checkNode('@trackway/sdk')).not.toThrow()
})
