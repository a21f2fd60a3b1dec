import { Option, type Command } from 'commander'
import { ask, readInput } from '../terminal/ask.ts'
import { absoluteStore, hostOrStore } from '../options/host-or-store.ts'
import { examples } from '../output/examples.ts'
import { note, printResult } from '../output/print-result.ts'
import { withOutput, type OutputFlags } from '../options/scope-options.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { usageError } from '../errors/usage-error.ts'

interface LoginFlags extends OutputFlags {
  host?: string
  store?: string
  apiKey?: string
  apiKeyStdin?: true
}

type Where = { host: string; store?: undefined } | { host?: undefined; store: string }

export function addLoginCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('login')
    .summary('log in to a server, or choose a store')
    .description(
      'Log in to a server: check the key, and save it for this host in your configuration file, which no other user can read. Or save a store to use without a server. What you do not give is asked for on the terminal, or, without a terminal, taken from TRACKWAY_HOST and TRACKWAY_API_KEY, or from TRACKWAY_STORE. The saved team and experiment are kept only if the host or store stays the same.',
    )
    .argument('[where]', 'the same as --host or --store')
    .addOption(new Option('--host <url>', 'the server, such as https://name').conflicts('store'))
    .option('--store <store>', 'a folder, or a bucket, s3://bucket/prefix, without a server')
    .option('--api-key <key>', 'the key; --api-key-stdin keeps it out of process lists')
    .option('--api-key-stdin', 'read the key from standard input')
  withOutput(command)
    .addHelpText(
      'after',
      examples(
        ['trackway login', 'ask for host and key'],
        ['trackway login https://trackway.example.org', 'ask for the key'],
        ['TRACKWAY_API_KEY=… trackway login https://trackway.example.org', 'in a script, ask for nothing'],
        ['trackway login --host http://127.0.0.1:9111 --api-key-stdin < key.txt', 'read the key from a file'],
        ['trackway login s3://bucket/prefix', 'use a bucket, which needs no key'],
      ),
    )
    .action((word: string | undefined, flags: LoginFlags) => login(word, flags, terminal))
}

async function login(word: string | undefined, flags: LoginFlags, terminal: Terminal): Promise<void> {
  const sdk = await import('@trackway/sdk')
  const known = (await sdk.readUserConfig())?.config
  const where = await findWhere(word, flags, { terminal, known: known?.host ?? known?.store })
  const { host, store } = where
  const apiKey = host === undefined ? undefined : await findKey(flags, { terminal, host })
  const { signal } = terminal
  const isOther = known?.host !== host || known?.store !== store
  const scope = isOther ? {} : { team: known?.team, experiment: known?.experiment }
  const session = await sdk.login({ ...where, apiKey, ...scope, quiet: flags.quiet, create: false, signal })
  const path = await sdk.changeUserConfig({
    ...where,
    apiKey,
    ...(isOther && { team: undefined, experiment: undefined }),
  })
  const { user, team, experiment, url } = session
  printResult(terminal, flags, {
    value: { url, user, team, experiment, config: path },
    lines: () => [`Logged in to ${url} as ${user}, in ${team}/${experiment}`, `Saved in ${path}`],
  })
  for (const [variable, noun, chosen] of [
    ['TRACKWAY_HOST', 'host', host],
    ['TRACKWAY_STORE', 'store', store],
  ] as const) {
    const value = process.env[variable]
    if (value && value !== chosen)
      note(terminal, flags, `${variable} is set to another ${noun} and takes precedence.`)
  }
}

async function findWhere(
  word: string | undefined,
  flags: LoginFlags,
  { terminal, known }: { terminal: Terminal; known: string | undefined },
): Promise<Where> {
  const { host, store } = flags
  if (host !== undefined) return { host }
  if (store !== undefined) return { store: absoluteStore(store) }
  const { TRACKWAY_HOST: hostVariable, TRACKWAY_STORE: storeVariable } = process.env
  if (word === undefined && !terminal.canAsk) {
    if (hostVariable) return { host: hostVariable }
    if (storeVariable) return { store: absoluteStore(storeVariable) }
    throw usageError(
      'login needs a server or a store: there is no terminal to ask on, so pass one as an argument, or set TRACKWAY_HOST or TRACKWAY_STORE',
    )
  }
  const asked = `Server or store${known === undefined ? '' : ` [${known}]`}: `
  const named = word ?? ((await ask(terminal, asked)).trim() || known)
  if (named === undefined) throw usageError('login needs the URL of a server, or a store')
  const where = hostOrStore(named, 'The argument')
  return 'host' in where ? where : { store: absoluteStore(where.store) }
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

/** The key from the environment, unless TRACKWAY_HOST says that it belongs to another host. */
function keyFromVariable(host: string): string {
  const { TRACKWAY_API_KEY: key, TRACKWAY_HOST: keyHost } = process.env
  if (!key) {
    throw usageError(
      'login needs the API key: there is no terminal to ask on, so set TRACKWAY_API_KEY, or pass --api-key-stdin',
    )
  }
  if (!keyHost || keyHost === host) return key
  throw usageError(
    `TRACKWAY_API_KEY is for ${keyHost}, since TRACKWAY_HOST names it; pass the key for ${host} with --api-key-stdin`,
  )
}
