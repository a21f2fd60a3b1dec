import { createRequire } from 'node:module'
import { TrackwayError } from '@trackway/protocol'
import { Command, CommanderError } from 'commander'
import { addCheckCommand } from './check-command.ts'
import { addCheckStoreCommand } from './check-store-command.ts'
import { addGcCommand } from './gc-command.ts'
import { addKeysCommand } from './keys.ts'
import { addRetentionCommand } from './retention-command.ts'
import { addServeCommand } from './serve-command.ts'
import { reportUnknownOptionsFirst, usageMessage } from './usage.ts'
import { watchOutput } from './watch-output.ts'

const tell = (message: string) => void process.stderr.write(`trackway-server: ${message}\n`)

/**
 * Runs the command `trackway-server` with its arguments. A failure prints one line and sets the exit code to
 * 1.
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  watchOutput(1, tell)
  const program = new Command('trackway-server')
    .description('Serves versions of datasets and models from a folder or a bucket, and maintains the store.')
    .version(String(createRequire(import.meta.url)('@trackway/server/package.json').version))
    .exitOverride()
    // Failures are reported here, in one line.
    .configureOutput({ outputError: () => {} })
  addServeCommand(program)
  addKeysCommand(program)
  addCheckCommand(program)
  addCheckStoreCommand(program)
  addRetentionCommand(program)
  addGcCommand(program)
  reportUnknownOptionsFirst(program)
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    // `--help` and `--version`.
    if (error instanceof CommanderError && error.exitCode === 0) return
    process.exitCode = 1
    // A group of commands, given without one of its commands, has shown its help.
    if (error instanceof CommanderError && error.code === 'commander.help') return
    if (error instanceof CommanderError) tell(`${usageMessage(error)} (option_invalid)`)
    else if (TrackwayError.isInstance(error)) tell(`${error.message} (${error.code})`)
    else throw error
  }
}
