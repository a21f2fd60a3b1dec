import type { PushResult, Session, Version } from '@trackway/sdk'
import type { Command } from 'commander'
import { countOf } from '../output/count-of.ts'
import { examples } from '../output/examples.ts'
import { hostOrStore } from '../options/host-or-store.ts'
import { orNameExperiments } from '../errors/other-experiments.ts'
import { note, printResult } from '../output/print-result.ts'
import {
  addressOf,
  openSession,
  withScope,
  type Opened,
  type OutputFlags,
  type ScopeFlags,
} from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'

interface PushFlags extends ScopeFlags, OutputFlags {
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
      'Copy versions to another store, with their digests, descriptions, metadata and origin, and print their specs there. Only content that the target lacks is sent, so pushing again changes nothing. Each version gets the next tag at the target: the one pushed last is the latest. Aliases and runs are not copied.',
    )
    .argument('<spec...>', 'the versions: type/name[:revision]')
    .requiredOption(
      '--to <target>',
      'a server (https://name), a bucket (s3://bucket/prefix), or a folder that begins with . or / or exists',
    )
    .option('--all', 'copy all versions of the artifacts, the oldest first')
    .option('--to-team <name>', 'the team at the target (default: the first team of the key)')
    .option('--to-experiment <name>', 'the experiment at the target (default: the same name)')
    .option('--to-name <name>', 'the name of the artifact at the target (default: the same name)')
  withScope(command)
    .addHelpText(
      'after',
      examples(
        [
          'trackway push dataset/sample --store .trackway --to https://example.org',
          'copy from a folder to a server',
        ],
        [
          'trackway push model/net:production --to ./usb/.trackway',
          'copy from the current store to a folder',
        ],
        ['trackway push --all dataset/sample --to s3://bucket/backup', 'copy all versions to a bucket'],
      ),
    )
    .action((specs: string[], flags: PushFlags) => push(specs, flags, terminal))
}

async function push(specs: readonly string[], flags: PushFlags, terminal: Terminal): Promise<void> {
  if (flags.toName !== undefined && specs.length > 1)
    throw usageError('--to-name takes one spec; push the others separately')
  const source = await openSession(flags, terminal)
  const to = await openTarget(flags, terminal)
  note(terminal, flags, `Pushing to ${addressOf(to)}`)
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
    const warning = await warnOfLatest(artifact, { source, to, flags, results })
    if (warning !== undefined) note(terminal, flags, warning)
  }
  printResult(terminal, flags, {
    value: { to: addressOf(to), pushed },
    lines: () => pushed.filter(({ deleted }) => !deleted).map(({ spec }) => spec),
  })
}

/** Opens the target, with the key that the environment or the configuration has for its host. */
async function openTarget({ to, quiet }: PushFlags, { signal }: Terminal): Promise<Session> {
  const { login } = await import('@trackway/sdk')
  return login({ ...hostOrStore(to, 'The target'), quiet, signal })
}

async function pushSpec(
  spec: string,
  { source: opened, to, flags }: { source: Opened; to: Session; flags: PushFlags },
): Promise<PushResult[]> {
  const { toTeam: team, toExperiment: experiment, toName: name, quiet, all } = flags
  const { session, at } = opened
  const options = { ...at, to, into: { team, experiment, name }, quiet }
  if (all) return session.pushAll(spec, options)
  return [await orNameExperiments(opened, session.push(spec, options))]
}

/** A warning if `latest` at the target is another version than at the source. */
async function warnOfLatest(
  artifact: string,
  {
    source: { session, at },
    to,
    flags,
    results,
  }: { source: Opened; to: Session; flags: PushFlags; results: readonly PushResult[] },
): Promise<string | undefined> {
  if (flags.json || flags.quiet) return undefined
  const { parseSpec } = await import('@trackway/sdk')
  const { type, name } = parseSpec(artifact)
  const there = { team: flags.toTeam, experiment: flags.toExperiment ?? at.experiment, signal: at.signal }
  // Everything was pushed: a warning that cannot be computed must not turn that into a failure.
  const unknown = () => undefined
  const [here, latest] = await Promise.all([
    session.getVersion(name, type, 'latest', at).catch(unknown),
    to.getVersion(flags.toName ?? name, type, 'latest', there).catch(unknown),
  ])
  if (here === undefined || latest === undefined || here.digest === latest.digest) return undefined
  const of = sourceTagOf(latest, session, results)
  return `Note: latest at the target is ${of === undefined ? `${latest.tag}, which is not from this source` : `now the source's ${of}`}; the source's latest is ${here.tag}`
}

/** The source's tag for a version at the target; undefined if the version did not come from the source. */
function sourceTagOf(
  { tag, origin }: Version,
  { storeId }: Session,
  results: readonly PushResult[],
): string | undefined {
  const pushed = results.find((result) => result.tag === tag)
  return pushed?.sourceTag ?? (origin?.storeId === storeId ? origin.tag : undefined)
}

async function summaryOf(pushed: { from: string; spec: string } & PushResult): Promise<string> {
  const { formatBytes } = await import('@trackway/sdk')
  const { from, spec, created, deleted, fileCount, size, uploadedBytes } = pushed
  if (deleted) return `${from} was pushed before as ${spec}, was deleted there, and stays deleted`
  if (!created) return `${from} is already at the target, as ${spec}`
  const all = `${countOf(fileCount, 'file')} of ${formatBytes(size)}`
  return `${from} pushed as ${spec}: ${all}, ${formatBytes(uploadedBytes)} sent`
}
