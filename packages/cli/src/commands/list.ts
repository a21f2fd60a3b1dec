import type { ArtifactSummary, Entry, ListedVersion, Session } from '@trackway/sdk'
import type { Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { formatTable } from '../output/format-table.ts'
import { formatTime } from '../output/format-time.ts'
import { formatTree } from '../output/format-tree.ts'
import { orNameExperiments, otherExperiments } from '../other-experiments.ts'
import { note, printResult } from '../output/print-result.ts'
import { styled } from '../output/style.ts'
import {
  openSession,
  placeOf,
  withPlace,
  type Opened,
  type OutputFlags,
  type PlaceFlags,
} from '../place-options.ts'
import type { Terminal } from '../terminal.ts'

interface Flags extends PlaceFlags, OutputFlags {
  deleted?: true
}

export function addListCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('ls')
    .summary('list artifacts, the versions of one, or the files of a version')
    .description(
      'List artifacts; of one, its versions; of a version, its files: as a tree for people, and into a pipe as one path a line.',
    )
    .argument('[spec]', 'a type, an artifact (type/name) or a version (type/name:reference)')
    .option('--deleted', 'of an artifact, also the versions that were deleted')
  withPlace(command)
    .addHelpText(
      'after',
      examples(
        ['trackway ls', 'all artifacts of the experiment'],
        ['trackway ls model', 'those of one type'],
        ['trackway ls dataset/sample', 'versions of one, the newest first'],
        ['trackway ls dataset/sample --deleted', 'which trackway restore may bring back'],
        ['trackway ls dataset/sample:latest', 'files of a version'],
        ["trackway ls --json | jq -r '.artifacts[].name'", 'for programs'],
      ),
    )
    .action((spec: string | undefined, flags: Flags) => list(spec, flags, terminal))
}

async function list(text: string | undefined, flags: Flags, terminal: Terminal): Promise<void> {
  const sdk = await import('@trackway/sdk')
  const spec = text?.includes('/') ? sdk.parseSpec(text) : undefined
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  if (spec === undefined)
    return listArtifacts(await session.listArtifacts({ ...at, type: text }), {
      opened,
      flags,
      terminal,
      wantedType: text,
    })
  const { type, name, reference, path } = spec
  if (reference !== undefined || path !== undefined) {
    const artifact = await orNameExperiments(opened, session.getArtifact(name, type, reference, at))
    const files = path === undefined ? artifact.entryList : [artifact.entry(path)]
    return listFiles(`${type}/${name}:${artifact.tag}`, files, { opened, flags, terminal })
  }
  return listVersions(`${type}/${name}`, await readVersions(session, spec, at), { opened, flags, terminal })
}

interface Surroundings {
  opened: Opened
  flags: Flags
  terminal: Terminal
}

async function listArtifacts(
  artifacts: ArtifactSummary[],
  { opened, flags, terminal, wantedType }: Surroundings & { wantedType: string | undefined },
): Promise<void> {
  const { formatBytes } = await import('@trackway/sdk')
  if (artifacts.length === 0 && !flags.json && !flags.quiet)
    note(terminal, flags, (await otherTypes(opened, wantedType)) ?? (await nothingIn(opened)))
  const lines = () =>
    formatTable(terminal, artifacts, [
      { title: 'ARTIFACT', cell: ({ type, name }) => styled(terminal, 'bold', `${type}/${name}`) },
      { title: 'LATEST', cell: ({ latest }) => latest?.tag ?? 'deleted' },
      { title: 'FILES', align: 'right', cell: ({ latest }) => `${latest?.files ?? ''}` },
      { title: 'SIZE', align: 'right', cell: ({ latest }) => (latest ? formatBytes(latest.bytes) : '') },
      { title: 'MADE', cell: ({ latest }) => (latest ? formatTime(terminal, latest.createdAt) : '') },
      {
        title: 'ALIASES',
        cell: ({ aliases }) => {
          const names = Object.entries(aliases).map(([alias, tag]) => `${alias}=${tag}`)
          return styled(terminal, 'green', names.sort().join(' '))
        },
      },
    ])
  printResult(terminal, flags, { value: { artifacts }, lines })
}

async function nothingIn(opened: Opened): Promise<string> {
  return `There is nothing in ${placeOf(opened.session)}. ${await otherExperiments(opened)}`
}

/** Which types there are, where none of the artifacts is of this one. */
async function otherTypes({ session, at }: Opened, type: string | undefined): Promise<string | undefined> {
  if (type === undefined) return undefined
  const types = [...new Set((await session.listArtifacts(at)).map((artifact) => artifact.type))].sort()
  if (types.length === 0) return undefined
  const { nearestName } = await import('../nearest-name.ts')
  const near = nearestName(type, types)
  const end = near === undefined ? '.' : `; did you mean trackway ls ${near}?`
  return `No artifact in ${placeOf(session)} is of the type '${type}'. There are those of ${types.slice(0, 10).join(', ')}${end}`
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
  { opened, flags, terminal }: Surroundings,
): Promise<void> {
  const { formatBytes, printable, TrackwayError } = await import('@trackway/sdk')
  if (all.length === 0) {
    const absent = new TrackwayError(
      'not_found',
      `Listing ${spec}: it has no versions in ${placeOf(opened.session)}; trackway ls shows what there is`,
      { details: { artifact: spec } },
    )
    return orNameExperiments(opened, Promise.reject(absent))
  }
  const gone = all.filter(({ deleted }) => deleted).length
  if (gone > 0 && !flags.deleted)
    note(terminal, flags, `${gone} deleted, which trackway restore may bring back; --deleted lists them.`)
  const versions = flags.deleted ? all : all.filter(({ deleted }) => !deleted)
  const lines = () =>
    formatTable(terminal, versions, [
      { title: 'VERSION', cell: ({ tag }) => styled(terminal, 'bold', tag) },
      { title: 'FILES', align: 'right', cell: ({ files }) => `${files}` },
      { title: 'SIZE', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
      { title: 'MADE', cell: ({ createdAt }) => formatTime(terminal, createdAt) },
      { title: 'BY', cell: ({ createdBy }) => createdBy },
      { title: 'ALIASES', cell: ({ aliases }) => styled(terminal, 'green', aliases.join(' ')) },
      { title: 'STATE', cell: ({ deleted }) => (deleted ? styled(terminal, 'red', 'deleted') : '') },
      { title: 'DESCRIPTION', cell: ({ description }) => printable(description.split('\n')[0] ?? '', 60) },
    ])
  printResult(terminal, flags, { value: { versions }, lines })
}

async function listFiles(
  spec: string,
  entries: readonly Entry[],
  { flags, terminal }: Surroundings,
): Promise<void> {
  const { formatBytes, printable } = await import('@trackway/sdk')
  const files = entries.map(({ path, size, digest, executable, reference }) => ({
    path,
    size,
    digest,
    executable,
    ...(reference !== undefined && { reference }),
  }))
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const lines = () =>
    terminal.isRead
      ? [
          `${styled(terminal, 'bold', spec)}  ${countOf(files.length, 'file')}, ${formatBytes(bytes)}`,
          ...formatTree(
            terminal,
            files.map((file) => ({
              path: printable(file.path),
              note: [
                formatBytes(file.size),
                ...(file.executable ? ['may be run'] : []),
                ...(file.reference === undefined ? [] : [`stays at ${printable(file.reference)}`]),
              ].join(', '),
            })),
          ),
        ]
      : files.map(({ path }) => path)
  printResult(terminal, flags, { value: { spec, files, bytes }, lines })
}
