import { createRequire } from 'node:module'
import { TrackwayError } from '@trackway/protocol'
import {
  parsePort,
  quotasOf,
  usageMessage,
  watchOutput,
  withQuotas,
  type QuotaFlag,
} from '@trackway/server/command'
import { Command, CommanderError } from 'commander'
import { startMockServer } from './start-mock-server.ts'

const tell = (message: string) => void process.stderr.write(`trackway-mock-server: ${message}\n`)

/**
 * Runs the command `trackway-mock-server` with its arguments. A failure prints one line and sets the exit
 * code to 1.
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  watchOutput(1, tell)
  try {
    await createProgram().parseAsync(words, { from: 'user' })
  } catch (error) {
    // `--help` and `--version`.
    if (error instanceof CommanderError && error.exitCode === 0) return
    process.exitCode = 1
    if (error instanceof CommanderError) tell(`${usageMessage(error)} (option_invalid)`)
    else if (TrackwayError.isInstance(error)) tell(`${error.message} (${error.code})`)
    else throw error
  }
}

function createProgram(): Command {
  const program = new Command('trackway-mock-server')
    .description('Runs a Trackway server that keeps everything in memory, for tests in any language.')
    .version(String(createRequire(import.meta.url)('@trackway/mock-server/package.json').version))
    .option('--port <number>', 'port to listen on; 0 picks a free one', parsePort, 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--api-key <key>', 'the API key that it accepts', 'tw_mock')
  return (
    withQuotas(program)
      .exitOverride()
      // Failures are reported above, in one line.
      .configureOutput({ outputError: () => {} })
      .action(run)
  )
}

interface Flags {
  port: number
  host: string
  apiKey: string
  teamQuota?: QuotaFlag
  keyQuota?: QuotaFlag
}

async function run({ teamQuota, keyQuota, ...options }: Flags): Promise<void> {
  const server = await startMockServer({ ...options, quotas: quotasOf(teamQuota, keyQuota) })
  process.stdout.write(`Trackway mock is listening on ${server.url} with the API key ${server.apiKey}\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  await server.close()
}
