import type { Hint, TrackwayError } from '@trackway/sdk'
import { printableJson, usageMessage } from '@trackway/server/command'
import { CommanderError } from 'commander'
import { abortedExitCode, abortedMessage, waitFor } from './terminal/end-by-signal.ts'
import { exitCodeOf, exitCodes } from './errors/exit-codes.ts'
import { withHint } from './errors/hint-words.ts'
import { safeTerminal } from './terminal/safe-terminal.ts'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal/terminal.ts'

/** A failure, as it is reported. */
interface Failure {
  /** One of the error codes. */
  code: string
  message: string
  exitCode: number
  details?: Record<string, unknown>
  hint?: Hint
  requestId?: string
}

/** Runs `trackway` with the given arguments, and returns the exit code. Never throws. */
export async function runCommand(words: readonly string[], given: Terminal): Promise<number> {
  const terminal = safeTerminal(given)
  const ending = { code: exitCodes.ok as number }
  const program = createProgram({ ...terminal, endWith: (code) => void (ending.code = code) })
  let command = ''
  program.hook('preAction', (_, running) => void (command = running.name()))
  // Arguments after `--` are not options.
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
    // `--help` or `--version`.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok
    // A group of commands without a subcommand has shown its help.
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
    message: `Unexpected error: ${message}; this is a bug in trackway`,
    exitCode: exitCodes.bug,
  }
}

/** Like `TrackwayError.isInstance`, but without loading the SDK. */
function isTrackwayError(error: unknown): error is TrackwayError {
  return typeof error === 'object' && error !== null && Symbol.for('trackway.error') in error
}

function lineOf({ code, message }: Failure): string {
  return `trackway: ${message} (${code})\n`
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
