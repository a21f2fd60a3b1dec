import { createRequire } from 'node:module'
import { Command, InvalidArgumentError } from 'commander'
import { startMockServer } from './start-mock-server.ts'

/** Runs the command `trackway-mock-server` with the words behind its name. */
export async function runCommand(words: readonly string[]): Promise<void> {
  await new Command('trackway-mock-server')
    .description('Runs a Trackway server that keeps everything in memory, for tests in any language.')
    .version(String(createRequire(import.meta.url)('@trackway/mock-server/package.json').version))
    .option('--port <number>', 'port to listen on; 0 picks a free one', parsePort, 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--api-key <key>', 'the key that it knows', 'tw_mock')
    .action(run)
    .parseAsync(words, { from: 'user' })
}

async function run({ port, host, apiKey }: { port: number; host: string; apiKey: string }): Promise<void> {
  const server = await startMockServer({ port, host, apiKey })
  process.stdout.write(`Trackway mock is listening on ${server.url} with the API key ${server.apiKey}\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  await server.close()
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}
