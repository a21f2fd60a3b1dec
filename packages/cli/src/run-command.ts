import type { Hint, TrackwayError } from '@trackway/sdk'
import { printableJson, usageMessage } from '@trackway/server/command'
import { CommanderError } from 'commander'
import { abortedExitCode, abortedMessage, waitFor } from './end-by-signal.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { withHint } from './hint-words.ts'
import { safeTerminal } from './output/safe-terminal.ts'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal.ts'

/** What a failure is told by. */
interface Failure {
  /** A code of Trackway's errors. */
  code: string
  message: string
  exitCode: number
  details?: Record<string, unknown>
  hint?: Hint
  requestId?: string
}

/** Runs `trackway` with the words after its name, and returns the exit code. It throws nothing. */
export async function runCommand(words: readonly string[], given: Terminal): Promise<number> {
  const terminal = safeTerminal(given)
  const ending = { code: exitCodes.ok as number }
  const program = createProgram({ ...terminal, endWith: (code) => void (ending.code = code) })
  let command = ''
  program.hook('preAction', (_, running) => void (command = running.name()))
  // After `--` nothing is an option.
  const wantsJson = words.includes('--json') && !words.slice(0, words.indexOf('--json')).includes('--')
  const fail = (failure: Failure) => {
    terminal.tell(wantsJson ? `${printableJson({ error: failure })}\n` : lineOf(failure))
    return failure.exitCode
  }
  try {
    if (words.length === 0) {
      program.outputHelp()
      return exitCodes.ok
    }
    const work = program.parseAsync(words, { from: 'user' })
    const { signal } = terminal
    const ended = await waitFor(work, { signal, isServer: () => command === 'serve' })
    return ended ? ending.code : fail(abortionOf(command, terminal))
  } catch (error) {
    // Help that was asked for, and the version.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    // A group of commands without one of them, which has shown its help.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage
    const isAborted = isTrackwayError(error) && error.code === 'aborted'
    const failure = isAborted ? abortionOf(command, terminal) : failureOf(error)
    const exitCode = fail(failure)
    if (exitCode === exitCodes.bug && !wantsJson) terminal.tell(`${stackOf(error)}\n`)
    return exitCode
  }
}

function abortionOf(command: string, terminal: Terminal): Failure {
  const message = abortedMessage(command, terminal)
  return { code: 'aborted', message, exitCode: abortedExitCode(terminal) }
}

function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) {
    return { code: 'option_invalid', message: usageMessage(error), exitCode: exitCodes.usage }
  }
  if (isTrackwayError(error)) {
    const { code, details, hint, requestId } = error
    return {
      code,
      message: withHint(error),
      exitCode: exitCodeOf[code] ?? exitCodes.bug,
      ...(Object.keys(details).length > 0 && { details }),
      ...(hint !== undefined && { hint }),
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
