import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { formatTable } from '../output/format-table.ts'
import { note, printResult } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import {
  addressOf,
  openSession,
  withScope,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'

type Flags = ScopeFlags & OutputFlags

export function addExperimentsCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('experiments')
    .summary('list the experiments of the team')
    .description('List the experiments of the team. An experiment is created by its first run or version.')
  withScope(command)
    .addHelpText(
      'after',
      examples(
        ['trackway experiments', 'list all experiments'],
        ['trackway ls --experiment flowers', 'list the artifacts of one'],
        ["trackway experiments --json | jq -r '.experiments[]'", 'print their names, for programs'],
      ),
    )
    .action((flags: Flags) => listExperiments(flags, terminal))
}

async function listExperiments(flags: Flags, terminal: Terminal): Promise<void> {
  const { session, at } = await openSession(flags, terminal)
  const { team } = session
  const experiments = await session.listExperiments({ signal: at.signal })
  if (experiments.length === 0)
    note(terminal, flags, `The team ${team} has no experiments in ${addressOf(session)} yet.`)
  const isDefault = (name: string) => name.toLowerCase() === at.experiment.toLowerCase()
  const lines = () =>
    formatTable(terminal, experiments, [
      { title: 'EXPERIMENT', cell: (name) => styled(terminal, 'bold', name) },
      { title: 'DEFAULT', cell: (name) => (isDefault(name) ? 'yes' : '') },
    ])
  printResult(terminal, flags, {
    value: { team, experiments },
    lines,
  })
}
