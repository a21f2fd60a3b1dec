import {
  defaultLimits,
  foldName,
  holdTo,
  retentionSchema,
  TrackwayError,
  type RetentionAnswer,
} from '@trackway/protocol'
import { InvalidArgumentError, type Command } from 'commander'
import * as z from 'zod/mini'
import { createEngine } from '../../engine/engine.ts'
import { countOf } from './count-of.ts'
import { formatBytes, openExisting, withData } from './data-option.ts'

const shownExperiments = 5

interface RetentionFlags {
  data: string
  team: string
  experiment: string
  type?: string
  name?: string
  keepLast?: number
  olderThan?: number
  dryRun?: true
  json?: true
}

export function addRetentionCommand(program: Command): void {
  withData(program.command('retention'))
    .description(
      'Delete versions by rule. A version goes where every rule given says so; what an alias points at stays, and so does the newest version of each artifact. For a week they can be restored, then gc frees their bytes.',
    )
    .option('--team <name>', 'whose versions', 'default')
    .option('--experiment <name>', 'of which experiment', 'uncategorized')
    .option('--type <type>', 'only artifacts of this type')
    .option('--name <name>', 'only the artifact of this name')
    .option('--keep-last <count>', 'keep so many of the newest versions of each artifact', parseCount)
    .option('--older-than <days>', 'only what is older than this, such as 30d', parseDays)
    .option('--dry-run', 'say what would go and how much that frees, and delete nothing')
    .option('--json', 'write what was done as JSON')
    .action(runRetention)
}

async function runRetention(flags: RetentionFlags): Promise<void> {
  const { data, team, experiment, keepLast, olderThan, json, type, name, dryRun } = flags
  const request = holdTo(retentionSchema, {
    ...(type !== undefined && { type }),
    ...(name !== undefined && { name }),
    ...(keepLast !== undefined && { keepLast }),
    ...(olderThan !== undefined && { olderThanDays: olderThan }),
    dryRun: dryRun ?? false,
  })
  if (!request.success) throw new TrackwayError('option_invalid', z.prettifyError(request.error))
  const { store, format } = await openExisting(data)
  const engine = createEngine({ store, limits: defaultLimits }, format)
  const answer = await engine.retention.apply({ team, experiment }, request.data, { user: 'operator' })
  if (json) {
    process.stdout.write(`${JSON.stringify({ team, experiment, ...answer }, null, 2)}\n`)
    return
  }
  const { items } = await engine.experiments.list(team, { limit: shownExperiments + 1 })
  const others = items
    .map((each) => each.experiment)
    .filter((other) => foldName(other) !== foldName(experiment))
  process.stdout.write(describe(`${team}/${experiment}`, answer) + describeOthers(others))
}

/** Whoever named no experiment may have meant all of them. */
function describeOthers(names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, shownExperiments).join(', ')
  return `Not looked at: ${shown}${names.length > shownExperiments ? ', …' : ''}; --experiment names one\n`
}

function describe(place: string, { versions, kept, freedBytes, dryRun }: RetentionAnswer): string {
  const lines = versions.map(({ type, name, tag, bytes }) => `${type}/${name}:${tag}\t${formatBytes(bytes)}`)
  const verb = dryRun ? 'would be deleted' : versions.length === 1 ? 'was deleted' : 'were deleted'
  const freed = `${formatBytes(freedBytes)} ${dryRun ? 'would be' : 'will be'} freed by gc when a week is over`
  return `${[...lines, `${place}: ${countOf(versions.length, 'version')} ${verb}, ${kept} ${kept === 1 ? 'stays' : 'stay'}; ${freed}`].join('\n')}\n`
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('At least one version stays: give a number from 1.')
}

function parseDays(text: string): number {
  const [, days] = /^(\d{1,5}(?:\.\d+)?)d?$/.exec(text) ?? []
  if (days !== undefined) return Number(days)
  throw new InvalidArgumentError('An age is a number of days, such as 30d.')
}
