import { nearestNames } from '@trackway/server/command'
import type { ArtifactSummary, ListedVersion, Session } from '@trackway/sdk'
import type { Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { formatTable } from '../output/format-table.ts'
import { formatTime } from '../output/format-time.ts'
import { withPager, type PagerFlags } from '../terminal/pager.ts'
import { orNameExperiments, otherExperiments } from '../errors/other-experiments.ts'
import { note, printLong } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import {
  openSession,
  placeOf,
  withScope,
  type Opened,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'
import { listFiles, listFolder } from './ls-files.ts'

interface Flags extends ScopeFlags, OutputFlags, PagerFlags {
  deleted?: true
}

export function addLsCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('ls')
    .summary('list artifacts, versions, or the files of a version')
    .description(
      'List artifacts, the versions of an artifact, or the files of a version: as a tree on a terminal, and into a pipe as one path per line.',
    )
    .argument('[spec]', 'a type, an artifact (type/name) or a version (type/name:revision)')
    .argument('[folder]', 'list only this folder of the version, without its subfolders')
    .option('--deleted', 'list deleted versions of the artifact as well')
  withPager(withScope(command))
    .addHelpText(
      'after',
      examples(
        ['trackway ls', 'list all artifacts of the experiment'],
        ['trackway ls model', 'list those of one type'],
        ['trackway ls dataset/sample', 'list the versions of an artifact, the newest first'],
        ['trackway ls dataset/sample --deleted', 'include deleted ones, which trackway restore can restore'],
        ['trackway ls dataset/sample:latest', 'list the files of a version'],
        ['trackway ls dataset/sample:latest train/', 'list one folder of a version'],
        ["trackway ls --json | jq -r '.artifacts[].name'", 'print names, for programs'],
      ),
    )
    .action((text: string | undefined, folder: string | undefined, flags: Flags) =>
      list({ text, folder }, flags, terminal),
    )
}

async function list(
  { text, folder }: { text: string | undefined; folder: string | undefined },
  flags: Flags,
  terminal: Terminal,
): Promise<void> {
  const sdk = await import('@trackway/sdk')
  const spec = text?.includes('/') ? sdk.parseSpec(text) : undefined
  if (spec === undefined && folder !== undefined)
    throw usageError(
      `'${text ?? ''}' does not name an artifact, and a folder belongs to a version; write type/name[:revision]`,
    )
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  if (spec === undefined)
    return listArtifacts(await session.listArtifacts({ ...at, type: text }), {
      opened,
      flags,
      terminal,
      wantedType: text,
    })
  const { type, name, revision, path } = spec
  if (revision !== undefined || path !== undefined || folder !== undefined) {
    const artifact = await orNameExperiments(opened, session.getArtifact(name, type, revision, at))
    const files = path === undefined ? artifact.entryList : [artifact.entry(path)]
    const listed = { spec: `${type}/${name}:${artifact.tag}`, entries: files }
    if (folder !== undefined) return listFolder({ ...listed, folder }, { flags, terminal })
    return listFiles(listed, { flags, terminal })
  }
  return listVersions(`${type}/${name}`, await readVersions(session, spec, at), { opened, flags, terminal })
}

interface ListContext {
  opened: Opened
  flags: Flags
  terminal: Terminal
}

async function listArtifacts(
  artifacts: ArtifactSummary[],
  { opened, flags, terminal, wantedType }: ListContext & { wantedType: string | undefined },
): Promise<void> {
  const { formatBytes } = await import('@trackway/sdk')
  if (artifacts.length === 0 && !flags.json && !flags.quiet)
    note(terminal, flags, (await otherTypes(opened, wantedType)) ?? (await nothingIn(opened)))
  const lines = () =>
    formatTable(terminal, artifacts, [
      { title: 'ARTIFACT', cell: ({ type, name }) => styled(terminal, 'bold', `${type}/${name}`) },
      { title: 'LATEST', cell: ({ latest }) => latest?.tag ?? 'deleted' },
      { title: 'FILES', align: 'right', cell: ({ latest }) => latest?.fileCount.toLocaleString('en') ?? '' },
      { title: 'SIZE', align: 'right', cell: ({ latest }) => (latest ? formatBytes(latest.size) : '') },
      { title: 'MADE', cell: ({ latest }) => (latest ? formatTime(terminal, latest.createdAt) : '') },
      {
        title: 'ALIASES',
        cell: ({ aliases }) => {
          const names = Object.entries(aliases).map(([alias, tag]) => `${alias}=${tag}`)
          return styled(terminal, 'green', names.sort().join(' '))
        },
      },
    ])
  await printLong(terminal, flags, { value: { artifacts }, lines })
}

async function nothingIn(opened: Opened): Promise<string> {
  const { session, at } = opened
  const experiments = await session.listExperiments({ signal: at.signal })
  // An experiment is created by its first run or version.
  const hasRuns = experiments.some((name) => name.toLowerCase() === at.experiment.toLowerCase())
  const what = hasRuns
    ? `There are runs in ${placeOf(session)}, but no artifacts`
    : `There is nothing in ${placeOf(session)}`
  return `${what}. ${await otherExperiments(opened)}`
}

/** A sentence about the types that exist, if no artifact has this one. */
async function otherTypes({ session, at }: Opened, type: string | undefined): Promise<string | undefined> {
  if (type === undefined) return undefined
  const types = [...new Set((await session.listArtifacts(at)).map((artifact) => artifact.type))].sort()
  if (types.length === 0) return undefined
  const near = nearestNames(type, types)[0]
  const end = near === undefined ? '.' : `; did you mean trackway ls ${near}?`
  return `No artifact in ${placeOf(session)} has the type '${type}'. The types are ${types.slice(0, 10).join(', ')}${end}`
}

type NamedVersion = ListedVersion & { aliases: string[] }

async function readVersions(
  session: Session,
  { type, name }: { type: string; name: string },
  at: Opened['at'],
): Promise<NamedVersion[]> {
  const [versions, aliases] = await Promise.all([
    session.listVersions(name, type, { ...at, deleted: true }),
    session.listAliases(name, type, at),
  ])
  const aliasesOf = (tag: string) =>
    Object.keys(aliases)
      .filter((alias) => aliases[alias] === tag)
      .sort()
  return versions.map((version) => ({ ...version, aliases: aliasesOf(version.tag) }))
}

async function listVersions(
  spec: string,
  all: NamedVersion[],
  { opened, flags, terminal }: ListContext,
): Promise<void> {
  const { formatBytes, parseSpec, printable } = await import('@trackway/sdk')
  if (all.length === 0) {
    // If the artifact does not exist, this throws an error that suggests similar names.
    const { session, at } = opened
    const { type, name } = parseSpec(spec)
    await orNameExperiments(opened, session.getVersion(name, type, 'latest', at))
  }
  const gone = all.filter(({ deleted }) => deleted).length
  if (gone > 0 && !flags.deleted)
    note(
      terminal,
      flags,
      `${countOf(gone, 'deleted version')} not shown; --deleted lists them, and trackway restore restores one.`,
    )
  const versions = flags.deleted ? all : all.filter(({ deleted }) => !deleted)
  const lines = () =>
    formatTable(terminal, versions, [
      { title: 'VERSION', cell: ({ tag }) => styled(terminal, 'bold', tag) },
      { title: 'FILES', align: 'right', cell: ({ fileCount }) => fileCount.toLocaleString('en') },
      { title: 'SIZE', align: 'right', cell: ({ size }) => formatBytes(size) },
      { title: 'MADE', cell: ({ createdAt }) => formatTime(terminal, createdAt) },
      { title: 'BY', cell: ({ createdBy }) => createdBy },
      { title: 'ALIASES', cell: ({ aliases }) => styled(terminal, 'green', aliases.join(' ')) },
      { title: 'STATE', cell: ({ deleted }) => (deleted ? styled(terminal, 'red', 'deleted') : '') },
      { title: 'DESCRIPTION', cell: ({ description }) => printable(description.split('\n')[0] ?? '', 60) },
    ])
  await printLong(terminal, flags, { value: { versions }, lines })
}
