import { resolve } from 'node:path'
import type { ScopeOptions, Session } from '@trackway/sdk'
import { Option, type Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'

/** The options that say where the data is. */
export interface ScopeFlags {
  host?: string
  store?: string
  team?: string
  experiment?: string
}

export interface OutputFlags {
  json?: true
  quiet?: true
}

/** Adds the options of every command that works on a store. */
export function withScope(command: Command): Command {
  return withOutput(command)
    .optionsGroup('Where:')
    .addOption(new Option('--host <url>', 'the server, such as https://name').conflicts('store'))
    .option(
      '--store <store>',
      'a folder or a bucket (s3://bucket/prefix), used without a server (default: ./.trackway if no host is configured)',
    )
    .option('--team <name>', 'the team (default: the first team of the key)')
    .option('--experiment <name>', 'the experiment (default: uncategorized)')
}

/** Adds the options of every command that prints a result. */
export function withOutput(command: Command): Command {
  return command
    .option('--json', 'print one JSON document to standard output, and errors as JSON to standard error')
    .option('--quiet', 'print only the result, without progress or notes')
}

/** A session, and the options that each of its calls takes. */
export interface Opened {
  session: Session
  at: ScopeOptions & { experiment: string }
}

/** Opens a session according to the flags, else the environment, else the user's configuration. */
export async function openSession(
  { host, store, team, experiment, quiet }: ScopeFlags & OutputFlags,
  { signal }: Terminal,
  { create = false } = {},
): Promise<Opened> {
  const { login } = await import('@trackway/sdk')
  const session = await login({ host, store, team, experiment, quiet, create, signal })
  return { session, at: { experiment: session.experiment, signal } }
}

/** Names team, experiment and store, for people. */
export function placeOf(session: Session): string {
  return `${session.team}/${session.experiment} of ${addressOf(session)}`
}

/** The server's URL, the bucket, or the absolute path of the folder. */
export function addressOf({ url }: Session): string {
  return url.includes('://') ? url : resolve(url)
}
