import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import { openSession, withScope, type OutputFlags, type ScopeFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { parseTaggedSpec } from '../options/version-spec.ts'

type Flags = ScopeFlags & OutputFlags

export function addRestoreCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('restore')
    .summary('restore a deleted version')
    .description('Restore a version that was deleted less than a week ago. This needs the role admin.')
    .argument('<spec>', 'the version, by its tag: type/name:V2')
  withScope(command)
    .addHelpText('after', examples(['trackway restore dataset/sample:V1', 'restore it as it was']))
    .action((spec: string, flags: Flags) => restore(spec, flags, terminal))
}

async function restore(text: string, flags: Flags, terminal: Terminal): Promise<void> {
  const { type, name, revision } = await parseTaggedSpec(text, 'restore')
  const { session, at } = await openSession(flags, terminal)
  const version = await session.restoreVersion(name, type, revision, at)
  const spec = `${type}/${name}:${version.tag}`
  printResult(terminal, flags, { value: { spec, version }, lines: () => [`${spec} is restored`] })
}
