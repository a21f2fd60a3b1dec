import type { Lineage, Version } from '@trackway/sdk'
import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { formatTime } from '../output/format-time.ts'
import { printResult } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import { orNameExperiments } from '../errors/other-experiments.ts'
import { openSession, withScope, type OutputFlags, type ScopeFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { parseVersionSpec } from '../options/version-spec.ts'

type Flags = ScopeFlags & OutputFlags

export function addShowCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('show')
    .summary('show the record of a version')
    .description(
      'Show the record of a version: digest, size, origin, aliases, metadata, and the runs that made and read it.',
    )
    .argument('<spec>', 'the version: type/name[:revision]')
  withScope(command)
    .addHelpText(
      'after',
      examples(
        ['trackway show dataset/sample', 'show the latest version'],
        ['trackway show model/net:production', 'show the version that an alias points to'],
        ['trackway show model/net:V3 --json | jq .version.metadata', 'print its metadata, for programs'],
      ),
    )
    .action((spec: string, flags: Flags) => show(spec, flags, terminal))
}

async function show(text: string, flags: Flags, terminal: Terminal): Promise<void> {
  const { type, name, revision } = await parseVersionSpec(text)
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  const version = await orNameExperiments(opened, session.getVersion(name, type, revision, at))
  const lineage = await session.getLineage(name, type, version.tag, at)
  const { formatBytes, printable } = await import('@trackway/sdk')
  const facts = factsOf(version, { lineage, terminal, formatBytes })
  printResult(terminal, flags, {
    value: { spec: `${type}/${name}:${version.tag}`, version, lineage },
    lines: () => [
      styled(terminal, 'bold', `${version.type}/${version.name}:${version.tag}`),
      ...facts.map(
        ([title, fact]) => `  ${styled(terminal, 'dim', title.padEnd(13))}${indent(printable(fact))}`,
      ),
    ],
  })
}

interface Shown {
  lineage: Lineage
  terminal: Terminal
  formatBytes: (bytes: number) => string
}

/** The facts about a version, without those that are empty. */
function factsOf(
  version: Version,
  { lineage, terminal, formatBytes }: Shown,
): [title: string, fact: string][] {
  const { digest, fileCount, size, createdAt, createdBy, base, aliases, description, metadata, origin } =
    version
  const { updatedAt, updatedBy } = version
  const runs = (list: Lineage['usedBy']) =>
    list.map(({ experiment, run }) => `${experiment}/${run}`).join(', ')
  const moment = (time: string) => (terminal.isRead ? `${time} (${formatTime(terminal, time)})` : time)
  const facts: [string, string][] = [
    ['digest', digest],
    ['files', `${fileCount.toLocaleString('en')}, ${formatBytes(size)}`],
    ['made', `${moment(createdAt)} by ${createdBy}`],
    ['experiment', `${version.team}/${version.experiment}`],
    ['origin', origin === undefined ? '' : describeOrigin(origin)],
    ['base', base ?? ''],
    ['aliases', aliases.join(' ')],
    ['made by', lineage.producedBy === null ? '' : runs([lineage.producedBy])],
    ['read by', runs(lineage.usedBy)],
    ['description', description],
    ['described', updatedAt === undefined ? '' : `${moment(updatedAt)} by ${updatedBy}`],
    ['metadata', Object.keys(metadata).length === 0 ? '' : JSON.stringify(metadata, null, 2)],
  ]
  return facts.filter(([, fact]) => fact !== '')
}

/** Where a pushed version was made, according to the client that pushed it. */
function describeOrigin(origin: NonNullable<Version['origin']>): string {
  const { team, experiment, type, name, tag, storeId, createdAt, createdBy, run } = origin
  const made = `made ${createdAt} by ${createdBy}${run === null ? '' : ` in ${run.experiment}/${run.run}`}`
  return `${team}/${experiment}/${type}/${name}:${tag} of the store ${storeId}, ${made}`
}

/** Aligns continuation lines with the first line. */
function indent(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(15)}`)
}
