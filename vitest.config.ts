import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests run on the sources: no build stands between a change and its test.
  resolve: { conditions: ['@trackway/source', 'node', 'import', 'module', 'default'] },
  ssr: { resolve: { conditions: ['@trackway/source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 20_000,
    // What tests cache is nobody's business but theirs.
    env: { XDG_CACHE_HOME: mkdtempSync(join(tmpdir(), 'trackway-tests-')) },
  },
})
