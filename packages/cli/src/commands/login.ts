import type { Command } from 'commander'
import { ask, readInput } from '../ask.ts'
import { examples } from '../output/examples.ts'
import { note, printResult } from '../output/print-result.ts'
import { withOutput, type OutputFlags } from '../place-options.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface LoginFlags extends OutputFlags {
  host?: string | undefined
  apiKey?: string
  apiKeyStdin?: true
}

export function addLoginCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('login')
    .summary('log in to a server or a bucket')
    .description(
      'Log in to a server or a bucket: checks the key, and keeps it for this host in your configuration file, which no other user can read. What is not given is asked for, or without a terminal taken from TRACKWAY_HOST and TRACKWAY_API_KEY. Team and experiment are kept only where the host stays the same.',
    )
    .argument('[host]', 'the same as --host')
    .option('--host <address>', 'the server, such as https://name, or a bucket, s3://bucket/prefix')
    .option('--api-key <key>', 'the key; --api-key-stdin keeps it out of the list of processes')
    .option('--api-key-stdin', 'read the key from standard input')
  withOutput(command)
    .addHelpText(
      'after',
      examples(
        ['trackway login', 'asks for both'],
        ['trackway login https://trackway.example.org', 'asks for the key'],
        ['TRACKWAY_API_KEY=… trackway login https://trackway.example.org', 'in a script, asks for nothing'],
        ['trackway login --host http://127.0.0.1:9111 --api-key-stdin < key.txt', 'asks for nothing'],
      ),
    )
    .action((host: string | undefined, flags: LoginFlags) => login({ host, ...flags }, terminal))
}

async function login(flags: LoginFlags, terminal: Terminal): Promise<void> {
  const sdk = await import('@trackway/sdk')
  const known = (await sdk.readUserConfig())?.config
  const host = await findHost(flags, { terminal, known: known?.host })
  const apiKey = /^s3:/i.test(host) ? undefined : await findKey(flags, { terminal, host })
  const { signal } = terminal
  const isOther = known?.host !== host
  const place = isOther ? {} : { team: known?.team, experiment: known?.experiment }
  const session = await sdk.login({ host, apiKey, ...place, quiet: flags.quiet, create: false, signal })
  const path = await sdk.changeUserConfig({
    host,
    apiKey,
    ...(isOther && { team: undefined, experiment: undefined }),
  })
  const { user, team, experiment, url } = session
  printResult(terminal, flags, {
    value: { url, user, team, experiment, config: path },
    lines: () => [`Logged in to ${url} as ${user}, in ${team}/${experiment}`, `Kept in ${path}`],
  })
  const variable = process.env['TRACKWAY_HOST']
  if (variable && variable !== host)
    note(terminal, flags, 'TRACKWAY_HOST is set to another host and comes before that.')
}

async function findHost(
  { host }: LoginFlags,
  { terminal, known }: { terminal: Terminal; known: string | undefined },
): Promise<string> {
  if (host !== undefined) return host
  if (!terminal.canAsk) {
    const variable = process.env['TRACKWAY_HOST']
    if (variable) return variable
    throw usageError(
      'login needs the address of a server or a bucket, as an argument or in TRACKWAY_HOST, since there is no terminal to ask on',
    )
  }
  const answer = (await ask(terminal, `Host${known === undefined ? '' : ` [${known}]`}: `)).trim() || known
  if (answer !== undefined) return answer
  throw usageError('login needs the address of a server or a bucket')
}

async function findKey(
  { apiKey, apiKeyStdin }: LoginFlags,
  { terminal, host }: { terminal: Terminal; host: string },
): Promise<string> {
  if (apiKey !== undefined) return apiKey
  if (!apiKeyStdin && !terminal.canAsk) return keyFromVariable(host)
  const key = apiKeyStdin
    ? await readInput(terminal)
    : await ask(terminal, `API key for ${host}: `, { secret: true })
  if (key.trim() !== '') return key.trim()
  throw usageError('The API key is empty')
}

/** A key that comes with a host is for that host. */
function keyFromVariable(host: string): string {
  const { TRACKWAY_API_KEY: key, TRACKWAY_HOST: keyHost } = process.env
  if (!key) {
    throw usageError(
      'login needs the API key in TRACKWAY_API_KEY, or by --api-key-stdin, since there is no terminal to ask on',
    )
  }
  if (!keyHost || keyHost === host) return key
  throw usageError(
    `TRACKWAY_API_KEY is for ${keyHost}, which TRACKWAY_HOST names; give the key for ${host} by --api-key-stdin`,
  )
}
