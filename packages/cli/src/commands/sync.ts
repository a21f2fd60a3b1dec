import type { SyncedRun, UnsyncedRun } from '@trackway/sdk'
import type { Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { note, printResult } from '../output/print-result.ts'
import {
  addressOf,
  openSession,
  withScope,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'

type Flags = ScopeFlags & OutputFlags

export function addSyncCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('sync')
    .summary('send what runs on this machine could not send')
    .description(
      'Send what runs on this machine logged before they were killed or while the server was down, end these runs, and print their names. Only runs of this store and user are sent; others are listed. Running it again sends nothing twice.',
    )
  withScope(command)
    .addHelpText('after', examples(['trackway sync', 'send everything that is kept on this machine']))
    .action((flags: Flags) => sync(flags, terminal))
}

async function sync(flags: Flags, terminal: Terminal): Promise<void> {
  const { session, at } = await openSession(flags, terminal)
  const { sent, kept } = await session.sync({ signal: at.signal })
  for (const run of sent) note(terminal, flags, sentLine(run))
  for (const run of kept) note(terminal, flags, keptLine(run))
  if (sent.length === 0) note(terminal, flags, `There is nothing to send to ${addressOf(session)}.`)
  printResult(terminal, flags, { value: { sent, kept }, lines: () => sent.map(({ run }) => run) })
}

function sentLine({ team, experiment, run, points, state }: SyncedRun): string {
  return `${team}/${experiment}/${run}: ${countOf(points, 'value')} sent; the run is ${state}`
}

function keptLine({ team, experiment, run, address, user, reason }: UnsyncedRun): string {
  return `${team}/${experiment}/${run} of ${user} at ${address} is kept: ${reason}`
}
