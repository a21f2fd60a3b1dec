import type { Command } from 'commander'
import { ask } from '../terminal/ask.ts'
import { exitCodes } from '../errors/exit-codes.ts'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import {
  openSession,
  placeOf,
  withScope,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { CommandTerminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'
import { parseTaggedSpec } from '../options/version-spec.ts'

interface RemoveFlags extends ScopeFlags, OutputFlags {
  yes?: true
}

export function addRmCommand(program: Command, terminal: CommandTerminal): void {
  const command = program
    .command('rm')
    .summary('delete a version')
    .description(
      'Delete a version. trackway restore can restore it for a week; its tag is never used again. A version that an alias points to is not deleted. This needs the role admin.',
    )
    .argument('<spec>', 'the version, by its tag: type/name:V2')
    .option('--yes', 'do not ask')
  withScope(command)
    .addHelpText('after', examples(['trackway rm dataset/sample:V1', 'delete it, after asking']))
    .action((spec: string, flags: RemoveFlags) => remove(spec, flags, terminal))
}

async function remove(text: string, flags: RemoveFlags, terminal: CommandTerminal): Promise<void> {
  const { type, name, revision } = await parseTaggedSpec(text, 'rm')
  if (!flags.yes && !terminal.canAsk) {
    throw usageError(`Deleting ${text} needs a confirmation, and there is no terminal to ask on; pass --yes`)
  }
  const { session, at } = await openSession(flags, terminal)
  const { fileCount, size, tag } = await session.getVersion(name, type, revision, at)
  const spec = `${type}/${name}:${tag}`
  if (!flags.yes) {
    const { formatBytes } = await import('@trackway/sdk')
    const what = `${spec} (${countOf(fileCount, 'file')}, ${formatBytes(size)}) in ${placeOf(session)}`
    const answer = await ask(terminal, `Delete ${what}? [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) {
      terminal.tell('Nothing was deleted.\n')
      return terminal.endWith(exitCodes.aborted)
    }
  }
  const { deletedAt } = await session.deleteVersion(name, type, tag, at)
  printResult(terminal, flags, {
    value: { spec, deletedAt },
    lines: () => [`${spec} is deleted; to restore it within a week, run trackway restore ${spec}`],
  })
}
