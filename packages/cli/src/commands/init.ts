import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import { addressOf, openSession, withPlace, type OutputFlags, type PlaceFlags } from '../place-options.ts'
import type { Terminal } from '../terminal.ts'

type Flags = PlaceFlags & OutputFlags

export function addInitCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('init')
    .summary('say where data goes, and choose the team and experiment')
    .description(
      'Say where data goes (without a host, into a folder that is made), and with --team or --experiment keep in your configuration file that it goes there from now on. Runs are begun by scripts.',
    )
  withPlace(command)
    .addHelpText(
      'after',
      examples(
        ['trackway init', 'where data goes'],
        ['trackway init --experiment flowers', 'from now on everything is about flowers'],
      ),
    )
    .action((flags: Flags) => init(flags, terminal))
}

async function init(flags: Flags, terminal: Terminal): Promise<void> {
  const { session } = await openSession(flags, terminal, { create: true })
  const { changeUserConfig, readUserConfig } = await import('@trackway/sdk')
  const { user, team, experiment } = session
  const url = addressOf(session)
  const changes = { ...(flags.team && { team }), ...(flags.experiment && { experiment }) }
  const isChanged = Object.keys(changes).length > 0
  const path = isChanged ? await changeUserConfig(changes) : (await readUserConfig())?.path
  const facts = { data: url, user, team, experiment, ...(path !== undefined && { config: path }) }
  printResult(terminal, flags, {
    value: { url, user, team, experiment, config: path ?? null },
    lines: () =>
      Object.entries(facts).map(([title, fact]) => `${styled(terminal, 'dim', title.padEnd(12))}${fact}`),
  })
}
