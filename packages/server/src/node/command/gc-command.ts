import { formatBytes, TrackwayError } from '@trackway/protocol'
import type { Command } from 'commander'
import { listFolders } from '../../engine/listing.ts'
import { sweepTeam, type SweepResult } from '../../engine/sweep/sweep.ts'
import { layout } from '../../layout.ts'
import { countOf } from './count-of.ts'
import { openExisting, withStore } from './store-option.ts'

interface GcFlags {
  store: string
  dryRun?: true
  resume?: true
  json?: true
}

export function addGcCommand(program: Command): void {
  withStore(program.command('gc'))
    .description(
      'Delete data that no version has needed for a week: leftovers of interrupted uploads, and the data of deleted versions. Servers and uploads can continue meanwhile.',
    )
    .option('--dry-run', 'print what would be deleted, and delete nothing')
    .option('--resume', 'clean up after a sweep whose process is known to have died, then sweep')
    .option('--json', 'print what was done as JSON')
    .action(runGc)
}

async function runGc({ store: location, dryRun, resume, json }: GcFlags): Promise<void> {
  const { store } = await openExisting(location)
  const results: Record<string, SweepResult> = {}
  let teams = 0
  for await (const folder of listFolders(store, { prefix: layout.teams })) {
    const team = folder.split('/')[1] ?? ''
    teams += 1
    try {
      results[team] = await sweepTeam(store, team, { dryRun, resume })
      if (!json) process.stdout.write(describe(team, results[team], dryRun ?? false))
    } catch (error) {
      // A failure in one team does not keep the others from being swept.
      if (!TrackwayError.isInstance(error)) throw error
      process.stderr.write(`${team}: ${error.message} (${error.code})\n`)
      process.exitCode = 1
    }
  }
  if (!json && teams === 0) process.stdout.write('No team has stored anything.\n')
  if (json) process.stdout.write(`${JSON.stringify({ dryRun: dryRun ?? false, teams: results }, null, 2)}\n`)
}

function describe(team: string, { versions, blobs, manifests, bytes }: SweepResult, dryRun: boolean): string {
  const deleted = `${countOf(blobs, 'blob')} and ${countOf(manifests, 'manifest')}, ${formatBytes(bytes)}`
  return `${team}: ${dryRun ? 'would delete' : 'deleted'} ${deleted}; ${countOf(versions, 'version')} ${versions === 1 ? 'keeps what it uses' : 'keep what they use'}\n`
}
