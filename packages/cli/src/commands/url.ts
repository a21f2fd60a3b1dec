import { InvalidArgumentError, type Command } from 'commander'
import { orNameExperiments } from '../errors/other-experiments.ts'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import { openSession, withScope, type OutputFlags, type ScopeFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'

interface UrlFlags extends ScopeFlags, OutputFlags {
  expiresIn?: number
}

export function addUrlCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('url')
    .summary('print a URL at which other programs can read a file')
    .description(
      'Print a URL at which other programs can read a file of a version, without a key, until it expires. This needs a server. For a reference, it is the URL that the reference points to.',
    )
    .argument('<spec>', 'the file: type/name:V2[path]')
    .option(
      '--expires-in <seconds>',
      'how long the URL is valid, at most a week (default: 3600)',
      parseSeconds,
    )
  withScope(command)
    .addHelpText(
      'after',
      examples(
        [
          'curl "$(trackway url \'dataset/sample:V2[train.csv]\')"',
          'read a file without downloading the version',
        ],
        [
          "trackway url 'model/net:production[net.onnx]' --expires-in 60",
          'print a URL that is valid for a minute',
        ],
      ),
    )
    .action((spec: string, flags: UrlFlags) => writeUrl(spec, flags, terminal))
}

async function writeUrl(text: string, flags: UrlFlags, terminal: Terminal): Promise<void> {
  const { parseSpec, TrackwayError } = await import('@trackway/sdk')
  const { type, name, revision, path } = parseSpec(text)
  if (path === undefined) {
    throw new TrackwayError(
      'revision_invalid',
      `'${text}' does not name a file; add its path in brackets, such as ${type}/${name}:${revision ?? 'V1'}[data.csv]`,
    )
  }
  const opened = await openSession(flags, terminal)
  const { session, at } = opened
  const artifact = await orNameExperiments(opened, session.getArtifact(name, type, revision, at))
  const url = await artifact.entry(path).url({ expiresInSeconds: flags.expiresIn, signal: at.signal })
  const spec = `${type}/${name}:${artifact.tag}[${path}]`
  printResult(terminal, flags, { value: { spec, url }, lines: () => [url] })
}

function parseSeconds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= 604_800) return Number(text)
  throw new InvalidArgumentError('Write a whole number of seconds from 1 to 604800, which is a week.')
}
