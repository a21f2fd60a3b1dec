import type { Command } from 'commander'
import { bucketForms, bucketFormsInFull } from '../store-schemes.ts'
import { parsePort } from './parse-port.ts'
import { withQuotas } from './quota-options.ts'
import { returnBuffers } from './return-buffers.ts'
import type { ServeFlags } from './run-serve.ts'

/** Adds the command `serve` to a program. The code that serves is loaded only when the command runs. */
export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve a folder or a bucket on a port')
    .description(
      'Serve a folder or a bucket on a port until SIGTERM or SIGINT, then finish requests in flight.',
    )
    .requiredOption(
      '--store <store>',
      `where everything is stored: a folder, created if it does not exist, or a bucket: ${bucketFormsInFull}`,
    )
    .option('--port <number>', 'port to listen on; 0 picks a free one', parsePort, 9111)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allowed-host <name...>', 'host names that requests may use (default: on loopback, its own)')
    .option(
      '--allowed-origin <origin...>',
      'origins whose pages may use the server, such as https://app.example.org, or * for all (default: none)',
    )
    .option('--no-presigned-urls', 'send all bytes through the server, even if clients could reach the store')
  withQuotas(command)
    .option('--verbose', 'print a line for each request')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        `  ${program.name()} serve --store ./data`,
        `  ${program.name()} serve --store '${bucketForms}?region=eu-central-1'`,
        `  ${program.name()} serve --store /srv/trackway --host 0.0.0.0 --port 80`,
        `  ${program.name()} serve --store ./data --team-quota bytes=500GB,versions=1000`,
        `  ${program.name()} serve --store ./data --allowed-origin http://localhost:5173`,
      ].join('\n'),
    )
    .action(async (flags: ServeFlags) => {
      returnBuffers()
      const { runServe } = await import('./run-serve.ts')
      await runServe(flags)
    })
}
