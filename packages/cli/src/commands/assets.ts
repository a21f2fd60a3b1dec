import { parseSize } from '@trackway/server/command'
import { InvalidArgumentError, type Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { formatTable } from '../output/format-table.ts'
import { formatTime } from '../output/format-time.ts'
import { note, printResult } from '../output/print-result.ts'
import { withOutput, type OutputFlags } from '../place-options.ts'
import type { Terminal } from '../terminal.ts'

interface PruneFlags extends OutputFlags {
  keep?: number
  maxBytes?: number
  dryRun?: true
}

export function addAssetsCommand(program: Command, terminal: Terminal): void {
  const assets = program
    .command('assets')
    .helpCommand(false)
    .summary('look after the assets directory of this machine')
    .description(
      'Look after the assets directory of this machine, where download without a folder brings versions (TRACKWAY_ASSETS_DIR, by default in your cache folder). No server is asked.',
    )
  withOutput(assets.command('ls'))
    .description('List the versions that lie there whole, of all stores')
    .addHelpText('after', examples(['trackway assets ls', 'what is here, and since when it was not used']))
    .action((flags: OutputFlags) => listAssets(flags, terminal))
  withOutput(
    assets
      .command('prune')
      .description('Remove versions that the rules do not keep, and leftovers. Stores keep them all.')
      .option('--keep <count>', 'so many of the newest versions of each artifact stay', parseCount)
      .option(
        '--max-bytes <size>',
        'beyond so much, such as 50GB, those go that were unused longest',
        demandSize,
      )
      .option('--dry-run', 'say what would go, and remove nothing'),
  )
    .addHelpText(
      'after',
      examples(
        ['trackway assets prune --keep 3 --dry-run', 'what would go'],
        ['trackway assets prune --max-bytes 50GB', 'what was not used for the longest time goes'],
      ),
    )
    .action((flags: PruneFlags) => prune(flags, terminal))
}

async function listAssets(flags: OutputFlags, terminal: Terminal): Promise<void> {
  const sdk = await import('@trackway/sdk')
  const assets = await sdk.listAssets()
  if (assets.length === 0) note(terminal, flags, 'Nothing lies in the assets directory.')
  const lines = () =>
    formatTable(terminal, assets, [
      { title: 'VERSION', cell: ({ type, name, tag }) => `${type}/${name}:${tag}` },
      { title: 'OF', cell: ({ team, experiment }) => `${team}/${experiment}` },
      { title: 'FILES', align: 'right', cell: ({ fileCount }) => fileCount.toLocaleString('en') },
      { title: 'SIZE', align: 'right', cell: ({ size }) => sdk.formatBytes(size) },
      { title: 'USED', cell: ({ usedAt }) => formatTime(terminal, usedAt.toISOString()) },
      { title: 'FOLDER', cell: ({ folder }) => folder },
    ])
  printResult(terminal, flags, { value: { assets }, lines })
}

async function prune({ keep, maxBytes, dryRun, ...flags }: PruneFlags, terminal: Terminal): Promise<void> {
  const { formatBytes, pruneAssets } = await import('@trackway/sdk')
  const result = await pruneAssets({ keep, maxBytes, dryRun })
  const { removed, freedBytes, remainingBytes } = result
  printResult(terminal, flags, {
    value: { ...result, dryRun: dryRun ?? false },
    lines: () => [
      ...removed.map(({ type, name, tag, folder }) => `${type}/${name}:${tag}  ${folder}`),
      `${countOf(removed.length, 'version')} ${dryRun ? 'would go and free' : 'went and freed'} ${formatBytes(freedBytes)}; ${formatBytes(remainingBytes)} ${dryRun ? 'would stay' : 'stay'}`,
    ],
  })
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('A number of versions is a whole number from 0.')
}

function demandSize(text: string): number {
  const size = parseSize(text)
  if (size !== undefined) return size
  throw new InvalidArgumentError('A size is a number of bytes, or such as 500MB, 50GB.')
}
