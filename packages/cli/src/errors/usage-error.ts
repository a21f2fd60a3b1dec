import { CommanderError } from 'commander'
import { exitCodes } from './exit-codes.ts'

/** An error about a command that was written wrong. */
export function usageError(message: string): CommanderError {
  return new CommanderError(exitCodes.usage, 'trackway.usage', message)
}
