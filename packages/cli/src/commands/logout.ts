import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import { withOutput, type OutputFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'

export function addLogoutCommand(program: Command, terminal: Terminal): void {
  withOutput(program.command('logout'))
    .summary('forget what login saved')
    .description(
      'Forget what login saved: host or store, team, experiment, and the keys for all hosts. The keys stay valid until they are revoked, and the configuration files of projects are not changed.',
    )
    .addHelpText(
      'after',
      examples(['trackway logout', 'use ./.trackway from now on, unless a host or store is given']),
    )
    .action((flags: OutputFlags) => logout(flags, terminal))
}

async function logout(flags: OutputFlags, terminal: Terminal): Promise<void> {
  const { changeUserConfig, readUserConfig } = await import('@trackway/sdk')
  const known = await readUserConfig()
  const { host = null, store = null } = known?.config ?? {}
  const left = host ?? store
  if (known !== undefined) {
    const nothing = {
      host: undefined,
      store: undefined,
      apiKey: undefined,
      team: undefined,
      experiment: undefined,
    }
    await changeUserConfig({ ...nothing, keys: undefined })
  }
  printResult(terminal, flags, {
    value: { host, store },
    lines: () => [left === null ? 'You were not logged in' : `Logged out of ${left}`],
  })
}
