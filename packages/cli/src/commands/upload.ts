import type { Metadata, UploadOptions, UploadResult } from '@trackway/sdk'
import { Option, type Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { note, printResult } from '../output/print-result.ts'
import {
  addressOf,
  openSession,
  placeOf,
  withScope,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'
import { addStandardInput, standardInput } from './upload-standard-input.ts'
import { collectMetadata } from '../options/collect-metadata.ts'
import { collect } from '../options/collect.ts'
import { withFolderFilter } from '../options/folder-filter.ts'

interface UploadFlags extends ScopeFlags, OutputFlags {
  type: string
  name: string
  description?: string
  metadata?: Metadata
  alias?: string[]
  ignore?: string[]
  gitignore?: true
  as?: string
  onConflict?: UploadOptions['onConflict']
  tag?: string
}

export function addUploadCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('upload')
    .summary('upload files and folders as the next version of an artifact')
    .description(
      'Upload files and folders as the next version of an artifact, and print its spec. Only new content is sent; if nothing changed, no version is made. To resume an interrupted upload, run the same command again.',
    )
    .argument(
      '<path...>',
      'files, added by their names, and folders, whose files are added relative to the folder; - is standard input',
    )
    .requiredOption('--type <type>', 'the type of the artifact, such as dataset or model')
    .requiredOption('--name <name>', 'the name of the artifact')
    .option('--description <text>', 'what people should know about this version')
    .option(
      '--metadata <key=value>',
      'set one metadata value, or several by a JSON object; repeatable',
      collectMetadata,
    )
    .option('--alias <alias>', 'an alias to point at the version, such as production; repeatable', collect)
    .option(
      '--as <path>',
      'the path in the version of the one file or folder, or of standard input (default: the last part of --name)',
    )
  withFolderFilter(command)
    .addOption(
      new Option('--on-conflict <choice>', 'what to do if somebody else made a version meanwhile').choices([
        'next',
        'merge',
        'fail',
      ]),
    )
    .option('--tag <tag>', 'fail unless the version gets this tag, which must be the next one')
  withScope(command)
    .addHelpText(
      'after',
      examples(
        ['trackway upload ./data --type dataset --name sample', 'make dataset/sample:V1'],
        [
          'trackway upload net.bin --type model --name net --alias production',
          'make model/net:V1, and point an alias at it',
        ],
        ["trackway upload . --type dataset --name all --ignore '*.tmp'", 'leave files out'],
        [
          'pg_dump db | trackway upload - --as db.sql --type dataset --name db',
          'upload standard input as a file',
        ],
      ),
    )
    .action((paths: string[], flags: UploadFlags) => upload(paths, flags, terminal))
}

async function upload(paths: readonly string[], flags: UploadFlags, terminal: Terminal): Promise<void> {
  const { Artifact } = await import('@trackway/sdk')
  const {
    type,
    name,
    description,
    metadata,
    ignore,
    gitignore,
    quiet,
    onConflict,
    tag,
    alias: aliases = [],
  } = flags
  const { signal } = terminal
  const artifact = new Artifact(name, type, { description, metadata })
  checkPaths(paths, flags)
  for (const path of paths) {
    if (path === standardInput) await addStandardInput(artifact, flags.as, terminal)
    else await artifact.add(path, { name: flags.as, ignore, gitignore, signal })
  }
  const { session, at } = await openSession(flags, terminal, { create: true })
  const result = await session.uploadArtifact(artifact, { ...at, quiet, onConflict, tag })
  for (const alias of aliases) await session.setAlias(name, type, alias, result.tag, at)
  const spec = `${type}/${name}:${result.tag}`
  note(terminal, flags, `${await summaryOf(result)}, in ${placeOf(session)}`)
  if (result.dropped.length > 0) note(terminal, flags, adviceOn(result.dropped, spec))
  printResult(terminal, flags, {
    value: {
      spec,
      url: addressOf(session),
      team: session.team,
      experiment: at.experiment,
      ...result,
      aliases,
    },
    lines: () => [spec],
  })
}

function checkPaths(paths: readonly string[], { as }: UploadFlags): void {
  for (const path of paths) refuse(path)
  if (paths.length > 1 && as !== undefined) throw usageError('--as needs exactly one path to upload')
  if (paths.indexOf(standardInput) !== paths.lastIndexOf(standardInput))
    throw usageError("'-' reads standard input, which can be read only once")
}

/** Says which options had no effect because no version was made, and which command applies them. */
function adviceOn(dropped: UploadResult['dropped'], spec: string): string {
  const options = dropped.map((each) => `--${each}`).join(' and ')
  const verb = dropped.length === 1 ? 'was' : 'were'
  return `${options} ${verb} dropped, since no version was made; to set them, pass the same options to trackway describe ${spec}`
}

function refuse(path: string): void {
  // A shell expands ~ to the home folder. An unexpanded ~ may come from *, which matched a
  // folder of that name.
  if (path === '~')
    throw usageError("'~' may be your home folder or a folder of that name; write $HOME or ./~")
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return
  throw usageError(
    `'${path}' is a URL, and upload takes local files: download it first, or add it by reference with artifact.addReference of the SDK`,
  )
}

async function summaryOf({ created, fileCount, size, uploadedBytes, tag }: UploadResult): Promise<string> {
  const { formatBytes } = await import('@trackway/sdk')
  if (!created) return `Nothing changed since ${tag}; no version was made`
  return `${countOf(fileCount, 'file')} of ${formatBytes(size)}, ${formatBytes(uploadedBytes)} sent`
}
