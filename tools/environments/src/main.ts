// Tests the packages, packed and installed as by a user, with bundlers, test environments, versions of
// TypeScript and old Nodes, and counts what is installed. Prints the results.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { bundlers } from './bundlers.ts'
import { installs } from './installs.ts'
import { nodes } from './nodes.ts'
import { pack } from './packed.ts'
import type { Outcome, Part, Trial } from './part.ts'
import { realms } from './realms.ts'
import { run } from '../../processes/run.ts'
import { types } from './types.ts'

const parts: Record<string, Part> = { installs, nodes, realms, bundlers, types }

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const chosen = values.only ?? Object.keys(parts)
const unknown = chosen.filter((name) => !(name in parts))
if (unknown.length > 0)
  throw new Error(`--only takes ${Object.keys(parts).join(', ')}, not ${unknown.join(', ')}`)

await run(['npx', '--yes', 'pnpm@12', 'install', '--frozen-lockfile'], {
  cwd: join(import.meta.dirname, '..'),
})
const packed = await pack()
const limit = pLimit(2)
const outcomes: Outcome[] = []
for (const [name, part] of Object.entries(parts)) {
  if (!chosen.includes(name)) continue
  const trials = Object.entries(await part(packed))
  await Promise.all(trials.map(([trial, work]) => limit(() => attempt(`${name}: ${trial}`, work))))
}
const failed = outcomes.filter(({ failure }) => failure !== undefined).length
console.log(`\n${outcomes.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function attempt(name: string, trial: Trial): Promise<void> {
  const begin = performance.now()
  const outcome: Outcome = { name, ms: 0 }
  try {
    const note = await trial()
    if (note !== undefined) outcome.note = note
  } catch (error) {
    outcome.failure = error instanceof Error ? error.message : String(error)
  }
  outcome.ms = Math.round(performance.now() - begin)
  outcomes.push(outcome)
  const sign = outcome.failure === undefined ? '✔' : '✘'
  console.log(`${sign} ${name}${outcome.note === undefined ? '' : `: ${outcome.note}`} (${outcome.ms} ms)`)
  if (outcome.failure !== undefined) console.log(outcome.failure)
}
