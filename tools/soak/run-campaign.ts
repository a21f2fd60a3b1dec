// Runs cases of one campaign: `run-campaign.ts <name> --seed <first> --count <n> --store <S3 location>`. The
// last line is the result as JSON.
import { inspect, parseArgs } from 'node:util'
import { add, type Counts } from './campaign.ts'
import { findCampaign } from './campaigns.ts'
import { openTestBucket } from '../s3-servers/test-bucket.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    quick: { type: 'boolean', default: false },
    store: { type: 'string' },
  },
})
const campaign = findCampaign(positionals[0] ?? '')
const first = Number(values.seed)
const counted = values.store === undefined ? campaign : campaign.s3
if (counted === undefined) throw new Error(`${campaign.name} does not run over S3`)
const wanted = values.quick ? counted.quick : counted.full
const size = (await campaign.size?.()) ?? Number.POSITIVE_INFINITY
const count = Math.min(Number(values.count ?? (wanted === 'all' ? size : wanted)), size)
const bucket = values.store === undefined ? undefined : await openTestBucket(values.store)
const counts: Counts = {}
const begin = performance.now()
let failure: { seed: number; error: unknown } | undefined
let done = 0
const stop = new AbortController()
// If it is stopped early, it prints the results so far.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
for (; done < count && failure === undefined && !stop.signal.aborted; done += campaign.atOnce ? count : 1) {
  const seed = seedOf(done)
  try {
    add(counts, (await campaign.run(seed, { count, bucket, isQuick: values.quick })) ?? {})
  } catch (error) {
    failure = { seed, error }
  }
}
const seconds = (performance.now() - begin) / 1000
if (failure === undefined) await bucket?.clear()
else {
  process.stderr.write(`${campaign.name}: seed ${failure.seed} broke a promise\n${inspect(failure.error)}\n`)
  const again = size === Number.POSITIVE_INFINITY ? failure.seed : failure.seed + 1
  const over = `${values.quick ? ' --quick' : ''}${values.store === undefined ? '' : ` --store '${values.store}'`}`
  process.stderr.write(`again: pnpm soak --only ${campaign.name} --seed ${again} --count 1${over}\n`)
}
process.stdout.write(
  `${JSON.stringify({ name: campaign.name, cases: done, seconds, counts, failed: failure !== undefined })}\n`,
)
process.exit(failure === undefined ? 0 : 1)

/**
 * Enumerated cases wrap around, so that any seed is one of them. If a store is too slow for all, the chosen
 * cases are spread evenly.
 */
function seedOf(index: number): number {
  if (size === Number.POSITIVE_INFINITY) return first + index
  const step = bucket === undefined ? 1 : size / count
  return (first - 1 + Math.floor(index * step)) % size
}
