import { formatBytes, printable } from '@trackway/protocol'
import { printableJson } from '@trackway/protocol/printable'
import { InvalidArgumentError, type Command } from 'commander'
import { checkStore } from '../../engine/check/check-store.ts'
import type { CheckReport, Damage } from '../../engine/check/report.ts'
import { countOf } from './count-of.ts'
import { openExisting, withStore } from './store-option.ts'

interface CheckFlags {
  store: string
  readData?: true
  readDataSubset?: { part: number; of: number }
  repair?: true
  json?: true
}

export function addCheckCommand(program: Command): void {
  withStore(program.command('check'))
    .description(
      'Check a store against its format: every document, manifest and blob. Servers can keep running. A blob whose bytes are wrong is moved to quarantine/, so that the next upload of the right bytes repairs it.',
    )
    .option('--read-data', 'read and hash the bytes of all blobs')
    .option(
      '--read-data-subset <n/m>',
      'read and hash one part of them: 1/7 on Monday, 2/7 on Tuesday, …',
      parseSubset,
    )
    .option('--repair', 'recreate missing hints, and change nothing else')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExits with 0 if nothing is damaged, and with 1 if something is.')
    .action(runCheck)
}

async function runCheck({
  store: location,
  readData,
  readDataSubset,
  repair,
  json,
}: CheckFlags): Promise<void> {
  const { store } = await openExisting(location)
  const report = await checkStore(store, { readData: readData ?? readDataSubset, repair })
  // Anyone who can write to the store may have chosen its keys and their content.
  process.stdout.write(json ? `${printableJson(report, 2)}\n` : printable(describe(report)))
  if (!report.ok) process.exitCode = 1
}

function describe(report: CheckReport): string {
  const { teams, versions, blobs, bytes, readBlobs, unusedBlobs, unusedBytes, damages, notes } = report
  const lines = [
    ...damages.flatMap(describeDamage),
    ...notes.map((note) => `note     ${note}`),
    `${countOf(versions, 'version')} in ${countOf(teams, 'team')}, ${countOf(blobs, 'blob')} of ${formatBytes(bytes)}, ${readBlobs} of them read`,
    ...(unusedBlobs > 0
      ? [
          `${countOf(unusedBlobs, 'blob')} of ${formatBytes(unusedBytes)} not used by any version; gc will remove them`,
        ]
      : []),
    ...(report.repairedHints > 0 ? [`Hints recreated: ${report.repairedHints}`] : []),
    damages.length === 0
      ? 'Nothing is damaged.'
      : `Damaged or missing: ${countOf(damages.length, 'object')}.`,
  ]
  return `${lines.join('\n')}\n`
}

function describeDamage({ kind, key, problem, versions, movedTo }: Damage): string[] {
  return [
    `${kind.padEnd(8)} ${key}: ${problem}`,
    ...(versions.length > 0 ? [`         affects ${versions.join(', ')}`] : []),
    ...(movedTo === undefined
      ? []
      : [`         moved to ${movedTo}; uploading a file with these bytes again repairs it`]),
  ]
}

function parseSubset(text: string): { part: number; of: number } {
  const [, part, of] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number)
  if (part !== undefined && of !== undefined && part >= 1 && part <= of) return { part, of }
  throw new InvalidArgumentError('A subset is written as 1/7: the first of seven parts.')
}
