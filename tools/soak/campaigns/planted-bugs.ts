import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { counted, type Campaign, type Counts } from '../campaign.ts'
import { bugs, type PlantedBug } from '../planted-bugs/bugs.ts'
import { checkBugs } from '../planted-bugs/check-bugs.ts'
import { plant, readSources, type Sources } from '../planted-bugs/plant.ts'
import { testStores } from '../../s3-servers/test-stores.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const loader = fileURLToPath(new URL('../planted-bugs/load-planted.ts', import.meta.url))
const script = fileURLToPath(new URL('../run-campaign.ts', import.meta.url))

/** Plants mistakes into the sources, one at a time: a campaign that misses one proves nothing. */
export const plantedBugs: Campaign = {
  name: 'planted-bugs',
  title: 'mistakes planted in the sources, each of which a campaign has to notice',
  unit: 'bugs',
  quick: 'all',
  full: 'all',
  ...counted(async () => {
    const sources = await readSources(root)
    await checkBugs(root, sources, bugs)
    const [location] = testStores()
    return bugs.flatMap((bug) => {
      const planted = plant(sources, bug)
      if (!bug.overS3) return () => runWith(planted, bug, [])
      return location === undefined ? [] : () => runWith(planted, bug, ['--store', location])
    })
  }),
}

async function runWith(planted: Sources, bug: PlantedBug, over: readonly string[]): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-planted-'))
  try {
    const file = join(folder, 'planted.json')
    const byUrl = [...planted].map(([path, source]) => [pathToFileURL(join(root, path)).href, source])
    await writeFile(file, JSON.stringify(Object.fromEntries(byUrl)))
    return await runCampaign(bug, { planted: file, over })
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function runCampaign(
  bug: PlantedBug,
  { planted, over }: { planted: string; over: readonly string[] },
): Promise<Counts> {
  const cases = [
    '--seed',
    String(bug.seed ?? 1),
    '--count',
    String(bug.cases),
    ...(bug.isQuick ? ['--quick'] : []),
    ...over,
  ]
  const words = [...process.execArgv, '--import', loader, script, bug.caughtBy, ...cases]
  const child = spawn(process.execPath, words, {
    env: { ...process.env, TRACKWAY_PLANTED: planted },
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
