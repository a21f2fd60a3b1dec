import type { Readable } from 'node:stream'
import { watchOutput } from '@trackway/server/command'
import { exitCodes } from '../errors/exit-codes.ts'
import { showInPager } from './pager.ts'

/** The streams of a command, and the signal that aborts it. */
export interface Terminal {
  readonly input: Readable
  /** Writes data to standard output. */
  out(text: string): void
  /** Shows text on a terminal, page by page if it is longer than the screen. Undefined without a terminal. */
  page?(text: string): Promise<void>
  /** Writes everything that is not data to standard error. */
  tell(text: string): void
  /** Whether standard output is a terminal, so that output may be formatted for people. */
  readonly isRead: boolean
  /** Whether the user can be asked a question. */
  readonly canAsk: boolean
  /** Whether standard output shows colors. NO_COLOR turns them off. */
  readonly hasColors: boolean
  /** Aborts the command after one of `endingSignals`. */
  readonly signal: AbortSignal
  /** The signal that was received, if any. */
  endedBy(): EndingSignal | undefined
}

/** A terminal for commands that may succeed with an exit code other than 0. */
export interface CommandTerminal extends Terminal {
  endWith(code: number): void
}

/** The signals that abort a command, and the exit codes that shells use for them. */
export const endingSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
export type EndingSignal = keyof typeof endingSignals

/** How many milliseconds after a signal a command has to end by itself. */
export const graceMs = 800
/** How many more milliseconds the process has after that. */
const lingerMs = 200

/** The streams of this process. A second signal ends the process at once. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  const tell = (text: string) => void stderr.write(text)
  watchOutput(exitCodes.files, (message) => tell(`trackway: ${message} (file_error)\n`))
  const ending = new AbortController()
  let endedBy: EndingSignal | undefined
  let isPaging = false
  for (const name of Object.keys(endingSignals) as EndingSignal[]) {
    // `Object.keys` of our own constant.
    process.on(name, () => {
      // While the pager runs, it handles Ctrl-C.
      if (isPaging && name === 'SIGINT') return
      if (endedBy !== undefined) endAtOnce(name)
      endedBy = name
      ending.abort()
    })
  }
  const out = (text: string) => void stdout.write(text)

  async function page(text: string): Promise<void> {
    const fits = text.split('\n').length <= stdout.rows
    isPaging = true
    const isShown = !fits && (await showInPager(text))
    isPaging = false
    if (!isShown) out(text)
  }

  return {
    input: stdin,
    out,
    ...(stdout.isTTY && { page }),
    tell,
    isRead: stdout.isTTY,
    canAsk: stdin.isTTY && stderr.isTTY,
    hasColors: stdout.isTTY && stdout.hasColors(),
    signal: ending.signal,
    endedBy: () => endedBy,
  }
}

/** Ends the process of an aborted command, in case something that ignores signals keeps it running. */
export function endSoon({ endedBy }: Terminal): void {
  const name = endedBy()
  if (name !== undefined) setTimeout(() => endAtOnce(name), lingerMs).unref()
}

/**
 * Ends the process by the signal itself, as if there were no listener: `process.exit` would wait for its
 * threads, and one that opens a pipe without a writer never ends.
 */
function endAtOnce(name: EndingSignal): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(false)
  process.removeAllListeners(name)
  process.kill(process.pid, name)
}
