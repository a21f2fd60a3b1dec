import type { TrackwayError } from '@trackway/sdk'
import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { inOptionWords } from './option-words.ts'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal.ts'

/** What a failure is told by. */
interface Failure {
  /** A code of Trackway's errors. */
  code: string
  message: string
  exitCode: number
  details?: Record<string, unknown>
  requestId?: string
}

/** Runs `trackway` with the words behind its name, and answers the exit code. It throws nothing. */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  const ending = { code: exitCodes.ok as number }
  const program = createProgram({ ...terminal, endWith: (code) => void (ending.code = code) })
  try {
    if (words.length === 0) program.outputHelp()
    else await program.parseAsync(words, { from: 'user' })
    return ending.code
  } catch (error) {
    // Help that was asked for, and the version.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    // A group of commands without one of them, which has shown its help.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage
    const failure = failureOf(error)
    const wantsJson = words.includes('--json')
    terminal.tell(wantsJson ? `${JSON.stringify({ error: failure })}\n` : lineOf(failure))
    if (failure.exitCode === exitCodes.bug && !wantsJson) terminal.tell(`${stackOf(error)}\n`)
    return failure.exitCode
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) {
    const message = error.message
      .replace(/^error: /, '')
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim()
    return { code: 'option_invalid', message, exitCode: exitCodes.usage }
  }
  if (isTrackwayError(error)) {
    const { code, details, requestId } = error
    return {
      code,
      message: inOptionWords(error.message),
      exitCode: exitCodeOf[code] ?? exitCodes.bug,
      ...(Object.keys(details).length > 0 && { details }),
      ...(requestId !== undefined && { requestId }),
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal_error',
    message: `This should not have happened: ${message}`,
    exitCode: exitCodes.bug,
  }
}

/** As `TrackwayError.isInstance`, without loading the SDK where nothing of it failed. */
function isTrackwayError(error: unknown): error is TrackwayError {
  return typeof error === 'object' && error !== null && Symbol.for('trackway.error') in error
}

function lineOf({ code, message }: Failure): string {
  return `trackway: ${message} (${code})\n`
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
