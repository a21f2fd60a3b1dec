import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import { openSession, withPlace, type OutputFlags, type PlaceFlags } from '../place-options.ts'
import type { Terminal } from '../terminal.ts'
import { parseVersionSpec } from '../version-spec.ts'

interface AliasFlags extends PlaceFlags, OutputFlags {
  remove?: true
  expect?: string
}

export function addAliasCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('alias')
    .summary('point an alias at a version, or take it away')
    .description('Point an alias at a version, or take it away. The version stays as it is.')
    .argument('<spec>', 'which version: type/name[:reference]; with --remove the artifact: type/name')
    .argument('<alias>', 'the name, such as production')
    .option('--remove', 'take the alias away')
    .option('--expect <tag>', "only if it points there now; '' stands for nowhere")
  withPlace(command)
    .addHelpText(
      'after',
      examples(
        ['trackway alias model/net:V3 production', 'from now on model/net:production is V3'],
        ['trackway alias model/net:V3 production --expect V2', 'unless somebody moved it meanwhile'],
        ['trackway alias --remove model/net production', 'there is no production any more'],
      ),
    )
    .action((spec: string, alias: string, flags: AliasFlags) => moveAlias(spec, { alias, flags, terminal }))
}

async function moveAlias(
  text: string,
  { alias, flags, terminal }: { alias: string; flags: AliasFlags; terminal: Terminal },
): Promise<void> {
  const { type, name, reference } = await parseVersionSpec(text)
  const { session, at } = await openSession(flags, terminal)
  const options = { ...at, ...(flags.expect !== undefined && { expected: flags.expect || null }) }
  const { tag, history } = flags.remove
    ? await session.removeAlias(name, type, alias, options)
    : await session.setAlias(name, type, alias, reference, options)
  const before = history[1]?.tag ?? null
  const was = before === null ? '' : ` (it was ${before})`
  printResult(terminal, flags, {
    value: { artifact: `${type}/${name}`, alias, tag, before },
    lines: () => [
      tag === null ? `${type}/${name}:${alias} is no more${was}` : `${type}/${name}:${alias} is ${tag}${was}`,
    ],
  })
}
