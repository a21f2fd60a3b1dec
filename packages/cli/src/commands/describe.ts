import type { Metadata } from '@trackway/sdk'
import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { formatTable } from '../output/format-table.ts'
import { formatTime } from '../output/format-time.ts'
import { printResult } from '../output/print-result.ts'
import { orNameExperiments } from '../errors/other-experiments.ts'
import {
  openSession,
  withScope,
  type Opened,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'
import { parseVersionSpec } from '../options/version-spec.ts'
import { collectMetadata } from '../options/collect-metadata.ts'

interface DescribeFlags extends ScopeFlags, OutputFlags {
  description?: string
  metadata?: Metadata
  clearMetadata?: true
  history?: true
}

export function addDescribeCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('describe')
    .summary('change the description or the metadata of a version')
    .description(
      'Change the description or the metadata of a version. Its content and its digest do not change. Earlier descriptions and metadata are kept, and --history shows them.',
    )
    .argument('<spec>', 'the version: type/name[:revision]')
    .option('--description <text>', 'what people should know about this version')
    .option(
      '--metadata <key=value>',
      'set one metadata value, or several by a JSON object; repeatable. Other keys are kept',
      collectMetadata,
    )
    .option('--clear-metadata', 'remove all existing metadata')
    .option('--history', 'change nothing; show all descriptions and metadata, with when and by whom')
  withScope(command)
    .addHelpText(
      'after',
      examples(
        [
          "trackway describe dataset/sample:V2 --description 'Without the broken rows'",
          'set the description',
        ],
        [
          'trackway describe model/net:production --metadata score=0.93',
          'set one value, and keep the others',
        ],
        ['trackway describe dataset/sample:V2 --history', 'show who changed what, and when'],
      ),
    )
    .action((spec: string, flags: DescribeFlags) => describe(spec, flags, terminal))
}

async function describe(text: string, flags: DescribeFlags, terminal: Terminal): Promise<void> {
  const { description, metadata, clearMetadata, history } = flags
  const changes = [description, metadata, clearMetadata].some((each) => each !== undefined)
  if (changes === Boolean(history))
    throw usageError('describe needs --description, --metadata or --clear-metadata, or only --history')
  const { type, name, revision } = await parseVersionSpec(text)
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  // By its tag, so that the version read and the version changed are the same.
  const before = await orNameExperiments(opened, session.getVersion(name, type, revision, at))
  const version = { type, name, tag: before.tag }
  if (history) return showHistory(version, { opened, flags, terminal })
  const kept = clearMetadata ? {} : before.metadata
  const changed = metadata !== undefined || clearMetadata
  const change = { description, ...(changed && { metadata: { ...kept, ...metadata } }) }
  const after = await session.updateVersion(name, type, before.tag, change, at)
  const spec = `${type}/${name}:${before.tag}`
  printResult(terminal, flags, { value: { spec, version: after }, lines: () => [`${spec} is updated`] })
}

async function showHistory(
  { type, name, tag }: { type: string; name: string; tag: string },
  { opened: { session, at }, flags, terminal }: { opened: Opened; flags: OutputFlags; terminal: Terminal },
): Promise<void> {
  const { printable } = await import('@trackway/sdk')
  const history = await session.getVersionHistory(name, type, tag, at)
  const lines = () =>
    formatTable(terminal, history, [
      { title: 'WHEN', cell: ({ updatedAt }) => formatTime(terminal, updatedAt) },
      { title: 'BY', cell: ({ updatedBy }) => updatedBy },
      { title: 'DESCRIPTION', cell: ({ description }) => printable(description.split('\n')[0] ?? '', 60) },
      {
        title: 'METADATA',
        cell: ({ metadata }) =>
          Object.keys(metadata).length === 0 ? '' : printable(JSON.stringify(metadata), 200),
      },
    ])
  printResult(terminal, flags, { value: { spec: `${type}/${name}:${tag}`, history }, lines })
}
