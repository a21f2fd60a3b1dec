import type { Metadata, UploadOptions, UploadResult } from '@trackway/sdk'
import { Option, type Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { note, printResult } from '../output/print-result.ts'
import {
  addressOf,
  openSession,
  placeOf,
  withPlace,
  type OutputFlags,
  type PlaceFlags,
} from '../place-options.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'
import { addStandardInput, standardInput } from './add-standard-input.ts'
import { collectMetadata } from './collect-metadata.ts'
import { collect } from './collect.ts'
import { withFolderFilter } from './folder-filter.ts'

interface UploadFlags extends PlaceFlags, OutputFlags {
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
    .summary('make the next version of an artifact of files and folders')
    .description(
      'Make the next version of an artifact of files and folders, and write its spec. Only what is new is sent; where nothing changed, no version is made. What was interrupted goes on when it is repeated.',
    )
    .argument(
      '<path...>',
      'files, by their names, and folders, whose files come in relative to them; - is standard input',
    )
    .requiredOption('--type <type>', 'what it is, such as dataset or model')
    .requiredOption('--name <name>', 'what it is called')
    .option('--description <text>', 'what people should know of this version')
    .option(
      '--metadata <key=value>',
      'a fact for programs, or a JSON object of them; repeatable',
      collectMetadata,
    )
    .option('--alias <alias>', 'a name to point at the version, such as production; repeatable', collect)
    .option(
      '--as <path>',
      'the path of the one file or folder in the version, or of standard input (default: the last part of --name)',
    )
  withFolderFilter(command)
    .addOption(
      new Option('--on-conflict <choice>', 'what to do where somebody else made a version meanwhile').choices(
        ['next', 'merge', 'fail'],
      ),
    )
    .option('--tag <tag>', 'the tag that it has to get, or fail: it must be the next one')
  withPlace(command)
    .addHelpText(
      'after',
      examples(
        ['trackway upload ./data --type dataset --name sample', 'makes dataset/sample:V1'],
        [
          'trackway upload net.bin --type model --name net --alias production',
          'makes model/net:V1, and points an alias at it',
        ],
        ["trackway upload . --type dataset --name all --ignore '*.tmp'", 'leaves files out'],
        [
          'pg_dump db | trackway upload - --as db.sql --type dataset --name db',
          'makes a file of standard input',
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
  if (paths.length > 1 && as !== undefined) throw usageError('--as takes one path to upload, not several')
  if (paths.indexOf(standardInput) !== paths.lastIndexOf(standardInput))
    throw usageError("'-' reads standard input, which can be read once")
}

/** Says what was given with content that was there already, and how it comes to the version. */
function adviceOn(dropped: UploadResult['dropped'], spec: string): string {
  const options = dropped.map((each) => `--${each}`).join(' and ')
  const verb = dropped.length === 1 ? 'was' : 'were'
  return `${options} ${verb} dropped, since no version was made; trackway describe ${spec} takes the same options`
}

function refuse(path: string): void {
  // A shell expands it where it means the home folder, and gives it where * found a folder of that name.
  if (path === '~')
    throw usageError("'~' may be your home folder or a folder of that name; write $HOME or ./~")
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return
  throw usageError(
    `'${path}' is an address, and upload takes files of this machine: fetch it first, or write a script for an entry whose bytes stay there, by artifact.addReference of the SDK`,
  )
}

async function summaryOf({ created, fileCount, size, uploadedBytes, tag }: UploadResult): Promise<string> {
  const { formatBytes } = await import('@trackway/sdk')
  if (!created) return `Nothing changed since ${tag}; no version was made`
  return `${countOf(fileCount, 'file')} of ${formatBytes(size)}, ${formatBytes(uploadedBytes)} of them sent`
}
