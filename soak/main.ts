// Tries to lose data, for as long as one likes: `pnpm soak --seed <n>`. `--quick`: as many cases as run with every
// change. `--only <campaign>`: only that one. `--count <n>`: so many cases of each. `--json <file>`: the results. What
// it prints is what happened; a case that breaks a promise ends it with 1 and a line that repeats just that case.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { z } from 'zod'
import type { Campaign } from './campaign.ts'
import { campaigns } from './campaigns.ts'

const resultSchema = z.object({
  name: z.string(),
  cases: z.number(),
  seconds: z.number(),
  counts: z.record(z.string(), z.number()),
  failed: z.boolean(),
})
type Result = z.infer<typeof resultSchema>

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    count: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const chosen = campaigns.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0) throw new Error(`--only is one of ${campaigns.map(({ name }) => name).join(', ')}`)
console.log(`seed ${values.seed}${values.quick ? ', quick' : ''}, Node ${process.version}`)
const limit = pLimit(Math.max(1, cpus().length))
const results = await Promise.all(chosen.map((campaign) => limit(() => run(campaign))))
const failed = results.filter((result) => result.failed)
console.log(
  failed.length === 0 ? 'No promise was broken.' : `Broken: ${failed.map(({ name }) => name).join(', ')}`,
)
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ ...values, node: process.version, results }, null, 2)}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

/** Runs a campaign in a process of its own, so that none disturbs another, and prints what it came to. */
async function run(campaign: Campaign): Promise<Result> {
  const script = fileURLToPath(new URL('run-campaign.ts', import.meta.url))
  const words = ['--seed', values.seed, ...(values.quick ? ['--quick'] : [])]
  const all = [
    script,
    campaign.name,
    ...words,
    ...(values.count === undefined ? [] : ['--count', values.count]),
  ]
  const child = spawn(process.execPath, [...process.execArgv, ...all], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  await new Promise((resolve) => child.on('close', resolve))
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  const parsed = resultSchema.safeParse(last.startsWith('{') ? JSON.parse(last) : undefined)
  const result = parsed.data ?? { name: campaign.name, cases: 0, seconds: 0, counts: {}, failed: true }
  console.log(describe(campaign, result))
  return result
}

function describe(
  { name, title, unit }: Campaign,
  { cases, seconds, counts, failed: broken }: Result,
): string {
  const counted = Object.entries(counts).map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
  const head = `${broken ? '✘' : '✔'} ${name.padEnd(14)} ${cases.toLocaleString('en')} ${unit} in ${seconds.toFixed(1)} s`
  return [
    `${head}  ${title}`,
    ...(counted.length > 0 ? [`  ${''.padEnd(14)} ${counted.join(', ')}`] : []),
  ].join('\n')
}
