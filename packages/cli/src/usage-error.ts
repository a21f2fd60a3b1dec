import { CommanderError } from 'commander'
import { exitCodes } from './exit-codes.ts'

/** Says that a command was not written as it has to be. */
export function usageError(message: string): CommanderError {
  return new CommanderError(exitCodes.usage, 'trackway.usage', message)
}
