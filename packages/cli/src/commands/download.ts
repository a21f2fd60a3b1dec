import { join } from 'node:path'
import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { orNameExperiments } from '../errors/other-experiments.ts'
import { printResult } from '../output/print-result.ts'
import {
  openSession,
  withScope,
  type Opened,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'
import { collect } from '../options/collect.ts'

interface DownloadFlags extends ScopeFlags, OutputFlags {
  include?: string[]
  exclude?: string[]
  overwrite?: true
  verify?: true
  type?: string
  name?: string
  tag?: string
}

export function addDownloadCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('download')
    .summary('download a version, or a part of it, into a folder')
    .description(
      'Download a version, or one file of it, into a folder, and print the path of the folder or file. The folder appears only when it is complete and verified. Without a folder, the version is downloaded to the assets directory, where versions share read-only files.',
    )
    .argument('[spec]', 'the version, type/name[:revision], or one file of it, type/name:V2[path]')
    .argument('[folder]', 'the target, always a folder, also for one file; it is created')
    .option('--include <glob>', "only files whose paths match, such as '**/*.csv'; repeatable", collect)
    .option('--exclude <glob>', 'no files whose paths match; repeatable', collect)
    .option('--overwrite', 'replace the folder if it exists')
    .option('--verify', 'hash the files already downloaded, and fetch those that are missing or changed')
    .option('--type <type>', 'with --name instead of a spec')
    .option('--name <name>', 'with --type instead of a spec')
    .option('--tag <revision>', 'with --type and --name: which version (default: latest)')
  withScope(command)
    .addHelpText(
      'after',
      examples(
        ['trackway download dataset/sample ./data', 'download the latest version into a folder'],
        ["trackway download dataset/sample:V2 ./csv --include '**/*.csv'", 'download a part of a version'],
        [
          'model=$(trackway download model/net:production)',
          'download the version that an alias points to, into the assets directory',
        ],
        ["cat $(trackway download 'dataset/sample:V2[README.md]')", 'print one file'],
        ["trackway download 'dataset/sample:V2[raw/a.csv]' ./here", 'write here/raw/a.csv'],
      ),
    )
    .action((spec: string | undefined, folder: string | undefined, flags: DownloadFlags) =>
      download({ spec, folder }, flags, terminal),
    )
}

interface Wanted {
  spec: string
  folder: string | undefined
}

async function download(
  words: { spec: string | undefined; folder: string | undefined },
  flags: DownloadFlags,
  terminal: Terminal,
): Promise<void> {
  const wanted = wantedBy(words, flags)
  const opened = await openSession(flags, terminal)
  const { folder } = wanted
  const path =
    folder === undefined
      ? await downloadAsset(opened, wanted.spec, flags)
      : await downloadTo(opened, { spec: wanted.spec, folder }, flags)
  printResult(terminal, flags, { value: { spec: wanted.spec, path }, lines: () => [path] })
}

/** Takes either a spec, or `--type` and `--name`; with those, the first argument is the folder. */
function wantedBy(
  { spec, folder }: { spec: string | undefined; folder: string | undefined },
  { type, name, tag }: DownloadFlags,
): Wanted {
  if (type === undefined && name === undefined && tag === undefined && spec !== undefined)
    return { spec, folder }
  if (type === undefined || name === undefined) {
    throw usageError('download takes a spec, such as dataset/sample:V2, or both --type and --name')
  }
  if (folder !== undefined)
    throw usageError('download takes either a spec, or --type and --name, but not both')
  return { spec: `${type}/${name}${tag === undefined ? '' : `:${tag}`}`, folder: spec }
}

async function downloadAsset(opened: Opened, spec: string, flags: DownloadFlags): Promise<string> {
  const { include, exclude, overwrite, quiet } = flags
  if (include !== undefined || exclude !== undefined || overwrite !== undefined) {
    throw usageError(
      '--include, --exclude and --overwrite need a folder, since the assets directory holds whole versions',
    )
  }
  const { session, at } = opened
  return orNameExperiments(opened, session.fetchAsset(spec, { ...at, quiet, verify: flags.verify }))
}

async function downloadTo(
  opened: Opened,
  { spec, folder }: { spec: string; folder: string },
  { include, exclude, overwrite, verify, quiet }: DownloadFlags,
): Promise<string> {
  const { parseSpec } = await import('@trackway/sdk')
  const { type, name, revision, path } = parseSpec(spec)
  const { session, at } = opened
  const artifact = await orNameExperiments(opened, session.getArtifact(name, type, revision, at))
  if (path !== undefined) artifact.entry(path) // If it does not exist, the error suggests similar paths.
  const selection = path === undefined ? include : [escapeGlob(path)]
  const target = await artifact.download(folder, {
    signal: at.signal,
    include: selection,
    exclude,
    overwrite,
    verify,
    quiet,
  })
  return path === undefined ? target : join(target, path)
}

/** Returns a glob that matches only this path. */
function escapeGlob(path: string): string {
  return path.replaceAll(/[\\*?[\]{}()!+@|^$]/g, '\\$&')
}
