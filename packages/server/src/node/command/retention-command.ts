import {
  defaultLimits,
  foldName,
  formatBytes,
  holdTo,
  printable,
  problemsOf,
  retentionSchema,
  TrackwayError,
  type RetentionAnswer,
} from '@trackway/protocol'
import { InvalidArgumentError, type Command } from 'commander'
import { createEngine } from '../../engine/engine.ts'
import { listFolders, listObjects } from '../../engine/listing.ts'
import { layout, nameOfKey, type ExperimentScope } from '../../layout.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { countOf } from './count-of.ts'
import { openExisting, withStore } from './store-option.ts'

interface RetentionFlags {
  store: string
  team?: string
  experiment?: string
  type?: string
  name?: string
  keepLast?: number
  olderThan?: number
  dryRun?: true
  json?: true
}

export function addRetentionCommand(program: Command): void {
  withStore(program.command('retention'))
    .description(
      'Delete versions by rule, in all teams and experiments unless options name one. A version is deleted if all the given rules match it. The newest version of each artifact, and versions that an alias points at, are always kept. Deleted versions can be restored for a week; then gc frees their bytes.',
    )
    .option('--team <name>', 'only versions of this team')
    .option('--experiment <name>', 'only versions of this experiment')
    .option('--type <type>', 'only artifacts of this type')
    .option('--name <name>', 'only the artifact with this name')
    .option('--keep-last <count>', 'keep this many of the newest versions of each artifact', parseCount)
    .option('--older-than <days>', 'only versions older than this, such as 30d', parseDays)
    .option('--dry-run', 'print what would be deleted and how many bytes that frees, and delete nothing')
    .option('--json', 'print what was done as JSON')
    .action(runRetention)
}

async function runRetention(flags: RetentionFlags): Promise<void> {
  const { store: location, keepLast, olderThan, json, type, name, dryRun = false } = flags
  if (keepLast === undefined && olderThan === undefined)
    throw new TrackwayError('option_invalid', 'retention needs --keep-last, --older-than or both')
  const request = holdTo(retentionSchema, {
    ...(type !== undefined && { type }),
    ...(name !== undefined && { name }),
    ...(keepLast !== undefined && { keepLast }),
    ...(olderThan !== undefined && { olderThanDays: olderThan }),
    dryRun,
  })
  if (!request.success) throw new TrackwayError('option_invalid', problemsOf(request.error))
  const { store, format } = await openExisting(location)
  const engine = createEngine({ store, limits: defaultLimits }, format)
  const places = await findExperiments(store, flags)
  const experiments: (ExperimentScope & RetentionAnswer)[] = []
  for (const scope of places) {
    try {
      const answer = await engine.retention.apply(scope, request.data, { user: 'operator' })
      experiments.push({ ...scope, ...answer })
      if (!json) process.stdout.write(printable(describe(scope, answer)))
    } catch (error) {
      // Damage in one experiment does not keep the rule from being applied to the others.
      if (!TrackwayError.isInstance(error)) throw error
      process.stderr.write(printable(`${scope.team}/${scope.experiment}: ${error.message} (${error.code})\n`))
      process.exitCode = 1
    }
  }
  const isSeen = experiments.some(({ versions, kept }) => versions.length + kept > 0)
  if (!isSeen && process.exitCode === undefined && (type !== undefined || name !== undefined)) {
    const what = `${type === undefined ? '' : ` of the type ${type}`}${name === undefined ? '' : ` named ${name}`}`
    throw new TrackwayError('not_found', `No artifact${what} has versions in ${store.description}`)
  }
  if (json) process.stdout.write(`${JSON.stringify({ dryRun, experiments }, null, 2)}\n`)
  else if (places.length === 0) process.stdout.write('No team has stored anything.\n')
}

/**
 * The experiments that the options select, of all teams. Throws `not_found` if they name one that does not
 * exist.
 */
async function findExperiments(
  store: ObjectStore,
  { team, experiment }: RetentionFlags,
): Promise<ExperimentScope[]> {
  const found: ExperimentScope[] = []
  for await (const folder of listFolders(store, { prefix: layout.teams })) {
    const each = folder.split('/')[1] ?? ''
    if (!isMeant(team, each)) continue
    for await (const { key } of listObjects(store, { prefix: layout.experiments(each) }))
      if (isMeant(experiment, nameOfKey(key))) found.push({ team: each, experiment: nameOfKey(key) })
  }
  if (found.length > 0 || (team === undefined && experiment === undefined)) return found
  const what = experiment === undefined ? 'experiment' : `experiment ${experiment}`
  const where = team === undefined ? 'any team' : `the team ${team}`
  throw new TrackwayError('not_found', `There is no ${what} in ${where} of ${store.description}`)
}

function isMeant(wanted: string | undefined, name: string): boolean {
  return wanted === undefined || foldName(wanted) === foldName(name)
}

function describe(
  { team, experiment }: ExperimentScope,
  { versions, kept, freedBytes, dryRun }: RetentionAnswer,
): string {
  const lines = versions.map(({ type, name, tag, size }) => `${type}/${name}:${tag}\t${formatBytes(size)}`)
  const verb = dryRun ? 'would be deleted' : versions.length === 1 ? 'was deleted' : 'were deleted'
  const freed = `${formatBytes(freedBytes)} ${dryRun ? 'would be' : 'will be'} freed by gc after a week`
  return `${[...lines, `${team}/${experiment}: ${countOf(versions.length, 'version')} ${verb}, ${kept} ${kept === 1 ? 'stays' : 'stay'}; ${freed}`].join('\n')}\n`
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('At least one version is kept: give a number of at least 1.')
}

function parseDays(text: string): number {
  const [, days] = /^(\d{1,5}(?:\.\d+)?)d?$/.exec(text) ?? []
  if (days !== undefined) return Number(days)
  throw new InvalidArgumentError('The age is a number of days, such as 30d.')
}
