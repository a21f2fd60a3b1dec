import { createRequire } from 'node:module'
import { TrackwayError } from '@trackway/protocol'
import { Command } from 'commander'
import { addCheckCommand } from './check-command.ts'
import { addCheckStoreCommand } from './check-store-command.ts'
import { addGcCommand } from './gc-command.ts'
import { addKeysCommand } from './keys.ts'
import { addRetentionCommand } from './retention-command.ts'
import { addServeCommand } from './serve-command.ts'

/** Runs the command `trackway-server` with the words behind its name. Failures are one line and the exit code 1. */
export async function runCommand(words: readonly string[]): Promise<void> {
  const program = new Command('trackway-server')
    .description('Serves versions of datasets and models from a folder or a bucket, and looks after it.')
    .version(String(createRequire(import.meta.url)('@trackway/server/package.json').version))
    .showHelpAfterError()
  addServeCommand(program)
  addKeysCommand(program)
  addCheckCommand(program)
  addCheckStoreCommand(program)
  addRetentionCommand(program)
  addGcCommand(program)
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!TrackwayError.isInstance(error)) throw error
    process.stderr.write(`trackway-server: ${error.message} (${error.code})\n`)
    process.exitCode = 1
  }
}
