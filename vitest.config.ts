import { defineConfig } from 'vitest/config'

/** Tests of functions without state, which share a process: that halves their time. */
const stateless = 'packages/protocol/test/**/*.test.ts'

export default defineConfig({
  // Tests run on the sources: a change needs no build before its test.
  resolve: { conditions: ['@trackway/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@trackway/source', 'node', 'import', 'default'] } },
  test: {
    projects: [
      { extends: true, test: { name: 'stateless', include: [stateless], isolate: false } },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: [
            'packages/*/test/**/*.test.ts',
            'tools/{checks,pack,s3-servers,simulation,soak/planted-bugs}/*.test.ts',
          ],
          exclude: [stateless],
        },
      },
    ],
    setupFiles: ['tools/checks/test-cache.ts'],
    // For a machine that does much else: what hangs is found all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One worker a processor: by default the machine keeps one for itself, which on two is half of them.
    maxWorkers: '100%',
  },
})
