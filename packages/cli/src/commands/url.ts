import { InvalidArgumentError, type Command } from 'commander'
import { orNameExperiments } from '../other-experiments.ts'
import { examples } from '../output/examples.ts'
import { printResult } from '../output/print-result.ts'
import { openSession, withPlace, type OutputFlags, type PlaceFlags } from '../place-options.ts'
import type { Terminal } from '../terminal.ts'

interface UrlFlags extends PlaceFlags, OutputFlags {
  expiresIn?: number
}

export function addUrlCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('url')
    .summary('write an address at which other programs read a file')
    .description(
      'Write an address at which other programs read a file of a version, without a key, for a while. It needs a server. Of a file whose bytes stay elsewhere, it is the address there.',
    )
    .argument('<spec>', 'which file: type/name:V2[path]')
    .option('--expires-in <seconds>', 'how long it is good for, a week at most (default: 3600)', parseSeconds)
  withPlace(command)
    .addHelpText(
      'after',
      examples(
        ['curl "$(trackway url \'dataset/sample:V2[train.csv]\')"', 'read it without a download'],
        ["trackway url 'model/net:production[net.onnx]' --expires-in 60", 'for a minute'],
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
      `'${text}' names no file; write its path in brackets, such as ${type}/${name}:${revision ?? 'V1'}[data.csv]`,
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
  throw new InvalidArgumentError('A number of seconds is a whole number from 1 to 604800, a week.')
}
