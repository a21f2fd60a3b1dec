// Tries to lose data, for as long as you like: `pnpm soak --seed <n>`. `--quick`: as many cases as run
// for every change. `--only <campaign>`: only that one. `--count <n>`: this many cases of each.
// `--store own`: nothing over S3, and `--store s3` or an S3 location: only that. `--json <file>`: the
// results. It prints what happened; if a case breaks a promise, it exits with 1 and prints a command that
// repeats just that case.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import * as z from 'zod/mini'
import type { Campaign } from './campaign.ts'
import { campaigns } from './campaigns.ts'
import { nameOfStore, testStores } from '../s3-servers/test-stores.ts'

const resultSchema = z.object({
  name: z.string(),
  /** The S3 store that it used. */
  store: z.optional(z.string()),
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
    store: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const chosen = campaigns.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0) throw new Error(`--only is one of ${campaigns.map(({ name }) => name).join(', ')}`)
console.log(`seed ${values.seed}${values.quick ? ', quick' : ''}, Node ${process.version}`)
const limit = pLimit(Math.max(1, cpus().length))
const [beside, alone] = [jobs(chosen.filter((it) => !it.alone)), jobs(chosen.filter((it) => it.alone))]
const results = await Promise.all(beside.map((job) => limit(() => run(job))))
for (const job of alone) results.push(await run(job))
const failed = results.filter((result) => result.failed)
console.log(failed.length === 0 ? 'No promise was broken.' : `Broken: ${namesOf(failed)}`)
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ ...values, node: process.version, results }, null, 2)}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

interface Job {
  campaign: Campaign
  /** The S3 store that it uses; undefined for its own store. */
  location: string | undefined
}

/** Every campaign over its own store, and those that can over each S3 store. */
function jobs(wanted: readonly Campaign[]): Job[] {
  const { store } = values
  const own = store === undefined || store === 'own'
  const locations = own || store === 's3' ? testStores() : [store]
  const overS3 = store === 'own' ? [] : wanted.filter(({ s3 }) => s3 !== undefined)
  if (overS3.length > 0 && locations.length === 0)
    console.log(`– over S3: skipped, since TRACKWAY_TEST_S3 does not name a store (${namesOf(overS3)})`)
  return [
    ...(own ? wanted.map((campaign) => ({ campaign, location: undefined })) : []),
    ...locations.flatMap((location) => overS3.map((campaign) => ({ campaign, location }))),
  ]
}

function namesOf(named: readonly { name: string }[]): string {
  return named.map(({ name }) => name).join(', ')
}

/** Runs a campaign in its own process, so that none disturbs another, and prints the result. */
async function run({ campaign, location }: Job): Promise<Result> {
  const script = fileURLToPath(new URL('run-campaign.ts', import.meta.url))
  const words = ['--seed', values.seed, ...(values.quick ? ['--quick'] : [])]
  const all = [
    script,
    campaign.name,
    ...words,
    ...(values.count === undefined ? [] : ['--count', values.count]),
    ...(location === undefined ? [] : ['--store', location]),
  ]
  const child = spawn(process.execPath, [...process.execArgv, ...all], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
  await new Promise((resolve) => child.on('close', resolve))
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  const parsed = resultSchema.safeParse(last.startsWith('{') ? JSON.parse(last) : undefined)
  const result = {
    ...(parsed.data ?? { name: campaign.name, cases: 0, seconds: 0, counts: {}, failed: true }),
    ...(location !== undefined && { store: nameOfStore(location) }),
  }
  console.log(describe(campaign, result))
  return result
}

function describe(
  { name, title, unit }: Campaign,
  { store, cases, seconds, counts, failed: broken }: Result,
): string {
  const counted = Object.entries(counts).map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
  const head = `${broken ? '✘' : '✔'} ${name.padEnd(14)} ${cases.toLocaleString('en')} ${unit} in ${seconds.toFixed(1)} s`
  return [
    `${head}  ${title}${store === undefined ? '' : `, over ${store}`}`,
    ...(counted.length > 0 ? [`  ${''.padEnd(14)} ${counted.join(', ')}`] : []),
  ].join('\n')
}
