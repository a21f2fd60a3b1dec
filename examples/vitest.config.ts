import { defineConfig } from 'vitest/config'

// Runs each example as a user does who copied it: with the built packages, not their sources.
export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    include: ['examples/**/*.test.ts', 'tools/notebook/*.test.ts'],
    setupFiles: ['tools/checks/test-cache.ts'],
    testTimeout: 120_000,
    maxWorkers: '100%',
  },
})
