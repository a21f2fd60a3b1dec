import { nearestHint } from '@trackway/server/command'
import type { Tag } from '@trackway/sdk'
import { Option, type Command } from 'commander'
import { examples } from '../output/examples.ts'
import { formatTable } from '../output/format-table.ts'
import { formatTime } from '../output/format-time.ts'
import { printResult } from '../output/print-result.ts'
import { orNameExperiments } from '../errors/other-experiments.ts'
import { openSession, withScope, type OutputFlags, type ScopeFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { parseVersionSpec } from '../options/version-spec.ts'

interface AliasFlags extends ScopeFlags, OutputFlags {
  remove?: true
  expect?: string
  history?: true
}

export function addAliasCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('alias')
    .summary('point an alias at a version, or remove it')
    .description('Point an alias at a version, or remove the alias. The version itself does not change.')
    .argument(
      '<spec>',
      'the version, type/name[:revision]; with --remove or --history the artifact, type/name',
    )
    .argument('<alias>', 'the name of the alias, such as production')
    .option('--remove', 'remove the alias')
    .option(
      '--expect <tag>',
      "change the alias only if it points to this tag now; '' if it must not exist yet",
    )
    .addOption(
      new Option(
        '--history',
        'change nothing; show who moved the alias, when, and to which version',
      ).conflicts(['remove', 'expect']),
    )
  withScope(command)
    .addHelpText(
      'after',
      examples(
        ['trackway alias model/net:V3 production', 'point model/net:production at V3'],
        ['trackway alias model/net:V3 production --expect V2', 'only if nobody has moved it since'],
        ['trackway alias --remove model/net production', 'remove the alias'],
        ['trackway alias --history model/net production', 'show who moved it, and when'],
      ),
    )
    .action((spec: string, alias: string, flags: AliasFlags) =>
      (flags.history ? showMoves : moveAlias)(spec, { alias, flags, terminal }),
    )
}

interface Wanted {
  alias: string
  flags: AliasFlags
  terminal: Terminal
}

async function showMoves(text: string, { alias, flags, terminal }: Wanted): Promise<void> {
  const { type, name } = await parseVersionSpec(text)
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  const history = await orNameExperiments(opened, session.getAliasHistory(name, type, alias, at))
  const lines = () =>
    formatTable(terminal, history, [
      { title: 'VERSION', cell: ({ tag }) => tag ?? 'removed' },
      { title: 'MOVED', cell: ({ movedAt }) => formatTime(terminal, movedAt) },
      { title: 'BY', cell: ({ movedBy }) => movedBy },
    ])
  printResult(terminal, flags, { value: { artifact: `${type}/${name}`, alias, history }, lines })
}

async function moveAlias(text: string, { alias, flags, terminal }: Wanted): Promise<void> {
  const { type, name, revision } = await parseVersionSpec(text)
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  const aliases = await session.listAliases(name, type, at)
  const before = aliasIn(aliases, alias)
  if (flags.remove && before === undefined) throw await noAlias(`${type}/${name}`, { alias, aliases })
  const options = { ...at, ...(flags.expect !== undefined && { expected: flags.expect || null }) }
  const moved = flags.remove
    ? session.removeAlias(name, type, alias, options)
    : session.setAlias(name, type, alias, revision, options)
  const { tag } = await orNameExperiments(opened, moved)
  const was = before === undefined ? '' : before === tag ? ' already' : ` (it was ${before})`
  printResult(terminal, flags, {
    value: { artifact: `${type}/${name}`, alias, tag, before: before ?? null },
    lines: () => [
      tag === null ? `${type}/${name}:${alias} is removed${was}` : `${type}/${name}:${alias} is ${tag}${was}`,
    ],
  })
}

/** The tag that an alias points to. Names are compared case-insensitively. */
function aliasIn(aliases: Record<string, Tag>, alias: string): Tag | undefined {
  return Object.entries(aliases).find(([name]) => name.toLowerCase() === alias.toLowerCase())?.[1]
}

async function noAlias(
  artifact: string,
  { alias, aliases }: { alias: string; aliases: Record<string, Tag> },
): Promise<Error> {
  const { TrackwayError } = await import('@trackway/sdk')
  const names = Object.keys(aliases).sort()
  const hint = nearestHint(alias, names)
  const has =
    hint === undefined ? `; it has ${names.length === 0 ? 'none' : names.slice(0, 10).join(', ')}` : ''
  return new TrackwayError(
    'not_found',
    `Removing the alias ${alias} of ${artifact}: there is no such alias${has}`,
    {
      details: { aliases: names },
      hint,
    },
  )
}
