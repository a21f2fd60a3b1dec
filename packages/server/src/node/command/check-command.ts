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
      'Hold a store to its format: every document, every manifest, every blob. A server need not be stopped. A blob whose bytes are wrong is moved to quarantine/, so that the next upload of its bytes heals it.',
    )
    .option('--read-data', 'read and hash the bytes of all blobs')
    .option('--read-data-subset <n/m>', 'of one part of them: 1/7 on Monday, 2/7 on Tuesday, …', parseSubset)
    .option('--repair', 'make missing hints anew; nothing else is changed')
    .option('--json', 'write the report as JSON')
    .addHelpText('after', '\nEnds with 0 where nothing is damaged, with 1 where something is.')
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
  // Keys of objects and what is in them may come from anybody who can write to the store.
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
          `${countOf(unusedBlobs, 'blob')} of ${formatBytes(unusedBytes)} used by no version; gc removes that in time`,
        ]
      : []),
    ...(report.repairedHints > 0 ? [`Hints made anew: ${report.repairedHints}`] : []),
    damages.length === 0
      ? 'Nothing is damaged.'
      : `Damaged or missing: ${countOf(damages.length, 'object')}.`,
  ]
  return `${lines.join('\n')}\n`
}

function describeDamage({ kind, key, problem, versions, movedTo }: Damage): string[] {
  return [
    `${kind.padEnd(8)} ${key}: ${problem}`,
    ...(versions.length > 0 ? [`         touches ${versions.join(', ')}`] : []),
    ...(movedTo === undefined
      ? []
      : [`         moved to ${movedTo}; uploading a file with these bytes again heals it`]),
  ]
}

function parseSubset(text: string): { part: number; of: number } {
  const [, part, of] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number)
  if (part !== undefined && of !== undefined && part >= 1 && part <= of) return { part, of }
  throw new InvalidArgumentError('A subset is written as 1/7: which part, of how many.')
}
