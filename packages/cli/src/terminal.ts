import type { Readable } from 'node:stream'

/** What surrounds a command: where it reads, where it writes, and what ends it early. */
export interface Terminal {
  readonly input: Readable
  /** Writes data, to standard output. */
  out(text: string): void
  /** Writes all that is not data, to standard error. */
  tell(text: string): void
  /** Whether people read standard output: then it may be pretty. */
  readonly isRead: boolean
  /** Whether somebody sits there who can be asked. */
  readonly canAsk: boolean
  /** Whether standard output takes colours; NO_COLOR says that it does not. */
  readonly hasColours: boolean
  /** Ends the command: Ctrl-C, or SIGTERM. */
  readonly signal: AbortSignal
}

/** A terminal for commands that succeed with another exit code than 0. */
export interface CommandTerminal extends Terminal {
  endWith(code: number): void
}

/** The streams of this process. A second Ctrl-C does not wait for what the first one ends. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  // `trackway ls | head -1`: whoever read it has read enough.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (ending.signal.aborted) process.exit(130)
      ending.abort()
    })
  }
  return {
    input: stdin,
    out: (text) => void stdout.write(text),
    tell: (text) => void stderr.write(text),
    isRead: stdout.isTTY,
    canAsk: stdin.isTTY && stderr.isTTY,
    hasColours: stdout.isTTY && stdout.hasColors(),
    signal: ending.signal,
  }
}
