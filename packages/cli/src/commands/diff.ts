import type { Command } from 'commander'
import { exitCodes } from '../errors/exit-codes.ts'
import { examples } from '../output/examples.ts'
import { orNameExperiments } from '../errors/other-experiments.ts'
import { printLong } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import { withPager, type PagerFlags } from '../terminal/pager.ts'
import { openSession, withScope, type OutputFlags, type ScopeFlags } from '../options/scope-options.ts'
import type { CommandTerminal, Terminal } from '../terminal/terminal.ts'
import { parseVersionSpec } from '../options/version-spec.ts'

type Flags = ScopeFlags & OutputFlags & PagerFlags

export function addDiffCommand(program: Command, terminal: CommandTerminal): void {
  const command = program
    .command('diff')
    .summary('show which files differ between two versions')
    .description('Show which files differ between two versions. Only digests are compared; no file is read.')
    .argument('<spec>', 'the old version: type/name[:revision]')
    .argument('<other-spec>', 'the new version; a revision alone means the same artifact')
  withPager(withScope(command))
    .addHelpText(
      'after',
      `${examples(
        ['trackway diff dataset/sample:V1 V2', 'compare two versions of one artifact'],
        ['trackway diff dataset/sample:production latest', 'show what changed since the one in production'],
        ['trackway diff model/net:V1 model/other:V1', 'compare versions of two artifacts'],
      )}\n\nExits with 0 if they are the same, and with 1 if they differ.`,
    )
    .action((spec: string, other: string, flags: Flags) => diff([spec, other], flags, terminal))
}

async function diff([from, to]: [string, string], flags: Flags, terminal: CommandTerminal): Promise<void> {
  const before = await parseVersionSpec(from)
  const after = await parseVersionSpec(to.includes('/') ? to : `${before.type}/${before.name}:${to}`)
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  const read = ({ type, name, revision }: typeof before) => session.getArtifact(name, type, revision, at)
  const [one, other] = await orNameExperiments(opened, Promise.all([read(before), read(after)]))
  const { printable } = await import('@trackway/sdk')
  const changes = await one.diff(other)
  const { added, removed, changed, renamed } = changes
  const equal = [added, removed, changed, renamed].every((list) => list.length === 0)
  const specs = [one, other].map(({ type, name, tag }) => `${type}/${name}:${tag}`)
  await printLong(terminal, flags, {
    value: { from: specs[0], to: specs[1], equal, ...changes },
    lines: () => linesOf(printable(changes.toString()), terminal),
  })
  if (!equal) terminal.endWith(exitCodes.different)
}

const looks = { '+': 'green', '-': 'red', '~': 'yellow', '>': 'cyan' } as const

function linesOf(changes: string, terminal: Terminal): string[] {
  return changes.split('\n').map((line, index) => {
    if (index === 0) return styled(terminal, 'bold', line)
    const look = Object.entries(looks).find(([mark]) => line.startsWith(`  ${mark}`))?.[1]
    return look === undefined ? line : styled(terminal, look, line)
  })
}
