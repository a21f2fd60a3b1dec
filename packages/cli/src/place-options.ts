import { resolve } from 'node:path'
import type { PlaceOptions, Session } from '@trackway/sdk'
import { Option, type Command } from 'commander'
import type { Terminal } from './terminal.ts'

/** Where the data is. */
export interface PlaceFlags {
  host?: string
  store?: string
  team?: string
  experiment?: string
}

export interface OutputFlags {
  json?: true
  quiet?: true
}

/** What every command takes that works on a store. */
export function withPlace(command: Command): Command {
  return withOutput(command)
    .optionsGroup('Where:')
    .addOption(new Option('--host <url>', 'the server, such as https://name').conflicts('store'))
    .option(
      '--store <store>',
      'a folder, or a bucket, s3://bucket/prefix, without a server (default: ./.trackway, where no host is configured)',
    )
    .option('--team <name>', 'whose data')
    .option('--experiment <name>', 'in which experiment (default: uncategorized)')
}

/** What every command takes that tells something. */
export function withOutput(command: Command): Command {
  return command
    .option('--json', 'write one JSON document to standard output, and errors as JSON to standard error')
    .option('--quiet', 'show no progress, and say nothing but the result')
}

/** A session, and the experiment that its calls are about. */
export interface Opened {
  session: Session
  at: PlaceOptions & { experiment: string }
}

/** Begins a session where the flags say, else the environment, else the user's configuration. */
export async function openSession(
  { host, store, team, experiment, quiet }: PlaceFlags & OutputFlags,
  { signal }: Terminal,
  { create = false } = {},
): Promise<Opened> {
  const { login } = await import('@trackway/sdk')
  const session = await login({ host, store, team, experiment, quiet, create, signal })
  return { session, at: { experiment: session.experiment, signal } }
}

/** Names the place for people. */
export function placeOf(session: Session): string {
  return `${session.team}/${session.experiment} of ${addressOf(session)}`
}

/** The server's URL, the bucket, or the folder as it can be found from anywhere. */
export function addressOf({ url }: Session): string {
  return url.includes('://') ? url : resolve(url)
}
