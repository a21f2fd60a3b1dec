import type { Readable } from 'node:stream'
import { watchOutput } from '@trackway/server/command'
import { exitCodes } from './exit-codes.ts'
import { showInPager } from './output/pager.ts'

/** What surrounds a command: where it reads, where it writes, and what ends it early. */
export interface Terminal {
  readonly input: Readable
  /** Writes data, to standard output. */
  out(text: string): void
  /** Shows a text on a terminal, page by page where it is longer than the screen; missing where there is no terminal. */
  page?(text: string): Promise<void>
  /** Writes all that is not data, to standard error. */
  tell(text: string): void
  /** Whether people read standard output: then it may be pretty. */
  readonly isRead: boolean
  /** Whether somebody sits there who can be asked. */
  readonly canAsk: boolean
  /** Whether standard output takes colours; NO_COLOR says that it does not. */
  readonly hasColours: boolean
  /** Ends the command: a signal of `endingSignals` came. */
  readonly signal: AbortSignal
  /** The signal that came; undefined while none did. */
  endedBy(): EndingSignal | undefined
}

/** A terminal for commands that succeed with another exit code than 0. */
export interface CommandTerminal extends Terminal {
  endWith(code: number): void
}

/** The signals that end a command, and the exit codes by which shells know them. */
export const endingSignals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
export type EndingSignal = keyof typeof endingSignals

/** Milliseconds that a command has to end by itself after a signal. */
export const graceMs = 800
/** Milliseconds that the process has after that. */
const lingerMs = 200

/** The streams of this process. A second signal does not wait for what the first one ends. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  const tell = (text: string) => void stderr.write(text)
  watchOutput(exitCodes.files, (message) => tell(`trackway: ${message} (file_error)\n`))
  const ending = new AbortController()
  let endedBy: EndingSignal | undefined
  let isPaging = false
  for (const name of Object.keys(endingSignals) as EndingSignal[]) {
    // Its own keys.
    process.on(name, () => {
      // Ctrl-C is for the pager then.
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
    hasColours: stdout.isTTY && stdout.hasColors(),
    signal: ending.signal,
    endedBy: () => endedBy,
  }
}

/** Ends the process of a command that a signal ended, if something keeps it that does not know of signals. */
export function endSoon({ endedBy }: Terminal): void {
  const name = endedBy()
  if (name !== undefined) setTimeout(() => endAtOnce(name), lingerMs).unref()
}

/**
 * Ends the process by the signal itself, as if nothing listened: `process.exit` would wait for its threads, and one that
 * opens a pipe to which nothing writes never ends.
 */
function endAtOnce(name: EndingSignal): void {
  if (process.stdin.isTTY) process.stdin.setRawMode(false)
  process.removeAllListeners(name)
  process.kill(process.pid, name)
}
