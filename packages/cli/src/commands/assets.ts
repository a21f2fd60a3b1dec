import { parseSize } from '@trackway/server/command'
import { InvalidArgumentError, type Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { formatTable } from '../output/format-table.ts'
import { formatTime } from '../output/format-time.ts'
import { note, printResult } from '../output/print-result.ts'
import { withOutput, type OutputFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'

interface PruneFlags extends OutputFlags {
  keep?: number
  maxBytes?: number
  dryRun?: true
}

export function addAssetsCommand(program: Command, terminal: Terminal): void {
  const assets = program
    .command('assets')
    .helpCommand(false)
    .summary('list and prune the assets directory of this machine')
    .description(
      'List and prune the assets directory of this machine, to which download writes if no folder is given (TRACKWAY_ASSETS_DIR, by default in your cache folder). These commands send no requests.',
    )
  withOutput(assets.command('ls'))
    .description('List the versions that are complete in the assets directory, from all stores')
    .addHelpText('after', examples(['trackway assets ls', 'show what is here, and when it was last used']))
    .action((flags: OutputFlags) => listAssets(flags, terminal))
  withOutput(
    assets
      .command('prune')
      .description(
        'Remove versions and leftovers that the options do not keep from the assets directory. Nothing is deleted from any store.',
      )
      .option('--keep <count>', 'keep this many of the newest versions of each artifact', parseCount)
      .option(
        '--max-bytes <size>',
        'keep at most this much, such as 50GB; the least recently used versions are removed first',
        demandSize,
      )
      .option('--dry-run', 'show what would be removed, and remove nothing'),
  )
    .addHelpText(
      'after',
      examples(
        ['trackway assets prune --keep 3 --dry-run', 'show what would be removed'],
        ['trackway assets prune --max-bytes 50GB', 'remove the least recently used versions beyond 50 GB'],
      ),
    )
    .action((flags: PruneFlags) => prune(flags, terminal))
}

async function listAssets(flags: OutputFlags, terminal: Terminal): Promise<void> {
  const sdk = await import('@trackway/sdk')
  const assets = await sdk.listAssets()
  if (assets.length === 0) note(terminal, flags, 'The assets directory is empty.')
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
      `${countOf(removed.length, 'version')} ${dryRun ? 'would be removed, freeing' : 'removed, freeing'} ${formatBytes(freedBytes)}; ${formatBytes(remainingBytes)} ${dryRun ? 'would remain' : 'remain'}`,
    ],
  })
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number of versions, such as 3.')
}

function demandSize(text: string): number {
  const size = parseSize(text)
  if (size !== undefined) return size
  throw new InvalidArgumentError('Write a number of bytes, or a size such as 500MB or 50GB.')
}
