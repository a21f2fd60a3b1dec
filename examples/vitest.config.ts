import { defineConfig } from 'vitest/config'

// Each example as somebody runs it who copied it: on the packages as they are built, not on their sources.
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['examples/**/*.test.ts', 'tools/notebook/*.test.ts'],
    setupFiles: ['tools/checks/test-cache.ts'],
    testTimeout: 120_000,
    maxWorkers: '100%',
  },
})
