import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { own, tool, type Packed } from './packed.ts'
import type { Part } from './part.ts'
import { run } from '../../processes/run.ts'

const vitest = [process.execPath, tool('vitest/vitest.mjs'), 'run', '--globals', '--dir', 'realms']
const jest = [process.execPath, tool('jest/bin/jest.js'), '--rootDir', 'realms', '--transform', '{}']

/** Test runners and environments, with the commands that users run. */
const commands: Record<string, { words: string[]; options?: string }> = {
  'vitest, vmThreads': { words: [...vitest, '--pool=vmThreads'] },
  'vitest, jsdom': { words: [...vitest, '--environment=jsdom'] },
  'vitest, happy-dom': { words: [...vitest, '--environment=happy-dom'] },
  'Jest, ESM': { words: jest, options: '--experimental-vm-modules' },
}

/** Runs the tests of a user of the SDK and the mock in each of them. */
export const realms: Part = async (packed) => {
  await cp(own('realms'), join(packed.project, 'realms'), { recursive: true })
  await writeFile(
    join(packed.project, 'vitest.config.js'),
    'export default { test: { testTimeout: 60_000 } }',
  )
  return Object.fromEntries(
    Object.entries(commands).map(([name, { words, options }]) => [
      name,
      () => runTests(packed, words, options),
    ]),
  )
}

async function runTests({ project, env }: Packed, words: string[], options = ''): Promise<string> {
  const output = await run(words, { cwd: project, env: { ...env, NODE_OPTIONS: options } })
  const passed = /Tests:? +(\d+) passed/.exec(output)?.[1]
  if (passed === undefined) throw new Error(`No test ran: ${output}`)
  return `${passed} tests`
}
