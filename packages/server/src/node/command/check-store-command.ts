import { messageOf } from '@trackway/protocol'
import { InvalidArgumentError, type Command } from 'commander'
import pLimit from 'p-limit'
import type { ObjectStore } from '../../stores/object-store.ts'
import { storeChecks } from '../../stores/store-checks.ts'
import { openObjectStore } from '../open-object-store.ts'
import { withStore } from './store-option.ts'

const concurrentDeletions = 32

interface CheckStoreFlags {
  store: string
  rounds: number
  json?: true
}

interface Outcome {
  property: string
  ok: boolean
  problem?: string
  /** Milliseconds. */
  durationMs: number
}

export function addCheckStoreCommand(program: Command): void {
  withStore(program.command('check-store'))
    .description(
      'Test thoroughly whether a folder or a bucket keeps the promises that Trackway needs: racing writers, listings, ranges, clock. Writes about 4,000 small objects under probe/ and deletes them. Objects that are already stored are not touched.',
    )
    .option('--rounds <number>', 'how often to run every test', parseRounds, 1)
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExits with 0 if every promise is kept, and with 1 if one is not.')
    .action(runCheckStore)
}

async function runCheckStore({ store: location, rounds, json }: CheckStoreFlags): Promise<void> {
  const store = await openObjectStore(location)
  await store.get('probe/none') // A store that cannot be reached is reported once.
  const outcomes: Outcome[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const { property, run } of storeChecks) {
      const outcome = await ask(store, property, run)
      outcomes.push(outcome)
      if (!json) process.stdout.write(describe(outcome))
    }
  }
  const broken = new Set(outcomes.filter(({ ok }) => !ok).map(({ property }) => property))
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ store: store.description, ok: broken.size === 0, outcomes }, null, 2)}\n`,
    )
  } else {
    const verdict =
      broken.size === 0 ? 'keeps every promise' : `breaks ${broken.size} of ${storeChecks.length} promises`
    process.stdout.write(`${store.description} ${verdict}.\n`)
  }
  if (broken.size > 0) process.exitCode = 1
}

async function ask(
  store: ObjectStore,
  property: string,
  run: (typeof storeChecks)[number]['run'],
): Promise<Outcome> {
  const id = crypto.randomUUID().replaceAll('-', '')
  const folder = `probe/${id}/`
  const start = performance.now()
  const problem = (await failureOf(run(store, { folder, id }))) ?? (await failureOf(removeAll(store, folder)))
  const durationMs = Math.round(performance.now() - start)
  return { property, ok: problem === undefined, ...(problem !== undefined && { problem }), durationMs }
}

async function failureOf(work: Promise<void>): Promise<string | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => messageOf(error),
  )
}

async function removeAll(store: ObjectStore, folder: string): Promise<void> {
  const deleted = new Set<string>()
  for (;;) {
    const { objects } = await store.list({ prefix: folder })
    if (objects.length === 0) return
    const again = objects.find(({ key }) => deleted.has(key))
    if (again !== undefined) throw new Error(`${again.key} was deleted, but is still listed`)
    const limit = pLimit(concurrentDeletions)
    await Promise.all(objects.map(({ key }) => limit(() => store.delete(key))))
    for (const { key } of objects) deleted.add(key)
  }
}

function describe({ property, ok, problem, durationMs }: Outcome): string {
  return `${ok ? 'kept  ' : 'BROKEN'}  ${property} (${durationMs} ms)${problem === undefined ? '' : `\n        ${problem}`}\n`
}

function parseRounds(text: string): number {
  const rounds = Number(text)
  if (/^\d{1,4}$/.test(text) && rounds > 0) return rounds
  throw new InvalidArgumentError('The number of rounds is from 1 to 9999.')
}
