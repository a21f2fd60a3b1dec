import type { PushResult, Session } from '@trackway/sdk'
import type { Command } from 'commander'
import { examples } from '../output/examples.ts'
import { note, printResult } from '../output/print-result.ts'
import {
  addressOf,
  openSession,
  withPlace,
  type Opened,
  type OutputFlags,
  type PlaceFlags,
} from '../place-options.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface PushFlags extends PlaceFlags, OutputFlags {
  to: string
  toTeam?: string
  toExperiment?: string
  toName?: string
  all?: true
}

export function addPushCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('push')
    .summary('copy versions to another store')
    .description(
      'Copy versions to another store, with their digests, descriptions, metadata and where they came from, and write their specs there. Only what is missing there is sent; pushing again changes nothing. Aliases and runs do not travel.',
    )
    .argument('<spec...>', 'which versions: type/name[:reference]')
    .requiredOption('--to <place>', 'where to: a server, a bucket (s3://bucket/prefix), or a folder')
    .option('--all', 'all versions of the artifacts, the oldest first')
    .option('--to-team <name>', 'whose data it is there (default: the first team of the key)')
    .option('--to-experiment <name>', 'in which experiment there (default: of the same name)')
    .option('--to-name <name>', 'what the artifact is called there (default: as here)')
  withPlace(command)
    .addHelpText(
      'after',
      examples(
        [
          'trackway push dataset/sample --dir .trackway --to https://trackway.example.org',
          'from a folder to a server',
        ],
        ['trackway push model/net:production --to ./usb/.trackway', 'from where you work to a folder'],
        ['trackway push --all dataset/sample --to s3://bucket/backup', 'all versions, into a bucket'],
      ),
    )
    .action((specs: string[], flags: PushFlags) => push(specs, flags, terminal))
}

async function push(specs: readonly string[], flags: PushFlags, terminal: Terminal): Promise<void> {
  if (flags.toName !== undefined && specs.length > 1)
    throw usageError('--to-name names one artifact; push the others by themselves')
  const source = await openSession(flags, terminal)
  const to = await openTarget(flags, terminal)
  const pushed: ({ from: string; spec: string } & PushResult)[] = []
  for (const spec of specs) {
    const results = await pushSpec(spec, { source, to, flags })
    const [artifact = ''] = spec.split(':')
    const name = flags.toName === undefined ? artifact : artifact.replace(/\/.*/s, `/${flags.toName}`)
    for (const result of results) {
      const named = { from: `${artifact}:${result.sourceTag}`, spec: `${name}:${result.tag}`, ...result }
      note(terminal, flags, await summaryOf(named))
      pushed.push(named)
    }
  }
  printResult(terminal, flags, {
    value: { to: addressOf(to), pushed },
    lines: () => pushed.filter(({ deleted }) => !deleted).map(({ spec }) => spec),
  })
}

/** A key for the target is the one that the environment or the configuration has for its host. */
async function openTarget({ to, quiet }: PushFlags, { signal }: Terminal): Promise<Session> {
  const { login } = await import('@trackway/sdk')
  const isAddress = /^(s3:|[a-z][a-z0-9+.-]+:\/\/)/i.test(to)
  return login({ ...(isAddress ? { host: to } : { folder: to }), quiet, signal })
}

async function pushSpec(
  spec: string,
  { source: { session, at }, to, flags }: { source: Opened; to: Session; flags: PushFlags },
): Promise<PushResult[]> {
  const { toTeam: team, toExperiment: experiment, toName: name, quiet, all } = flags
  const options = { ...at, to, into: { team, experiment, name }, quiet }
  return all ? session.pushAll(spec, options) : [await session.push(spec, options)]
}

async function summaryOf(pushed: { from: string; spec: string } & PushResult): Promise<string> {
  const { formatBytes } = await import('@trackway/sdk')
  const { from, spec, created, deleted, files, bytes, uploadedBytes } = pushed
  if (deleted) return `${from} was there as ${spec}, was deleted, and stays so`
  if (!created) return `${from} is there already, as ${spec}`
  const all = `${files} ${files === 1 ? 'file' : 'files'} of ${formatBytes(bytes)}`
  return `${from} is there as ${spec}: ${all}, ${formatBytes(uploadedBytes)} of them sent`
}
