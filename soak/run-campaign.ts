// Runs cases of one campaign: `run-campaign.ts <name> --seed <first> --count <n>`. The last line is the result as JSON.
import { inspect, parseArgs } from 'node:util'
import { add, type Counts } from './campaign.ts'
import { findCampaign } from './campaigns.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
})
const campaign = findCampaign(positionals[0] ?? '')
const first = Number(values.seed)
const wanted = values.quick ? campaign.quick : campaign.full
const size = (await campaign.size?.()) ?? Number.POSITIVE_INFINITY
const count = Math.min(Number(values.count ?? (wanted === 'all' ? size : wanted)), size)
const counts: Counts = {}
const begin = performance.now()
let failure: { seed: number; error: unknown } | undefined
let done = 0
const stop = new AbortController()
// Whoever stops it early is told what it came to so far.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
for (; done < count && failure === undefined && !stop.signal.aborted; done += campaign.atOnce ? count : 1) {
  // Cases that are counted go round: any seed is one of them.
  const seed = size === Number.POSITIVE_INFINITY ? first + done : (first - 1 + done) % size
  try {
    add(counts, (await campaign.run(seed, count)) ?? {})
  } catch (error) {
    failure = { seed, error }
  }
}
const seconds = (performance.now() - begin) / 1000
if (failure !== undefined) {
  process.stderr.write(`${campaign.name}: seed ${failure.seed} broke a promise\n${inspect(failure.error)}\n`)
  const again = size === Number.POSITIVE_INFINITY ? failure.seed : failure.seed + 1
  process.stderr.write(`again: pnpm soak --only ${campaign.name} --seed ${again} --count 1\n`)
}
process.stdout.write(
  `${JSON.stringify({ name: campaign.name, cases: done, seconds, counts, failed: failure !== undefined })}\n`,
)
process.exit(failure === undefined ? 0 : 1)
