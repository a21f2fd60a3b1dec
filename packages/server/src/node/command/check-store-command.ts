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
  /** What went wrong. */
  problem?: string
  /** Milliseconds. */
  durationMs: number
}

export function addCheckStoreCommand(program: Command): void {
  withStore(program.command('check-store'))
    .description(
      'Ask a folder or a bucket at length whether it keeps the promises that Trackway needs: racing writers, listings, ranges, its clock. Writes some four thousand small objects under probe/ and deletes them. What is stored there already is not touched.',
    )
    .option('--rounds <number>', 'how often everything is asked', parseRounds, 1)
    .option('--json', 'write the outcome as JSON')
    .addHelpText('after', '\nEnds with 0 where every promise is kept, with 1 where one is not.')
    .action(runCheckStore)
}

async function runCheckStore({ store: location, rounds, json }: CheckStoreFlags): Promise<void> {
  const store = await openObjectStore(location)
  await store.get('probe/none') // What keeps it from answering at all is told once.
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
    if (again !== undefined) throw new Error(`${again.key} was deleted, and is listed still`)
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
  throw new InvalidArgumentError('Rounds are a number from 1 to 9999.')
}
