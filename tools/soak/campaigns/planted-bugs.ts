import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { counted, type Campaign, type Counts } from '../campaign.ts'
import { bugs, type PlantedBug } from '../planted-bugs/bugs.ts'
import { testStores } from '../../s3-servers/test-stores.ts'

const plant = fileURLToPath(new URL('../planted-bugs/plant.ts', import.meta.url))
const script = fileURLToPath(new URL('../run-campaign.ts', import.meta.url))

/** Plants mistakes into the sources, one at a time: a campaign that misses one proves nothing. */
export const plantedBugs: Campaign = {
  name: 'planted-bugs',
  title: 'mistakes planted in the sources, each of which a campaign has to notice',
  unit: 'bugs',
  quick: 'all',
  full: 'all',
  ...counted(async () => {
    const [location] = testStores()
    return bugs.flatMap((bug) => {
      if (!bug.overS3) return () => plantBug(bug, [])
      return location === undefined ? [] : () => plantBug(bug, ['--store', location])
    })
  }),
}

async function plantBug(bug: PlantedBug, over: readonly string[]): Promise<Counts> {
  const cases = [
    '--seed',
    String(bug.seed ?? 1),
    '--count',
    String(bug.cases),
    ...(bug.isQuick ? ['--quick'] : []),
    ...over,
  ]
  const words = [...process.execArgv, '--import', plant, script, bug.caughtBy, ...cases]
  const child = spawn(process.execPath, words, {
    env: { ...process.env, TRACKWAY_PLANT: bug.name },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', (bytes: Buffer) => (output += bytes.toString()))
  const code = await new Promise((resolve) => child.on('close', resolve))
  // A campaign that finds a broken promise says so and ends with 1. Nothing else counts, nor does code that
  // makes no sense.
  if (code !== 1 || !/broke a promise\n(?!(Type|Reference|Syntax)Error)/.test(output))
    throw new Error(`'${bug.name}' was planted, and ${bug.caughtBy} ended with ${String(code)}: ${output}`)
  return { 'bugs caught': 1 }
}
