import { endingSignals, graceMs, type Terminal } from './terminal.ts'

/** What a command that is ended early leaves, and how to continue. */
const continueBy: Record<string, string> = {
  upload: 'what was sent is kept; repeat the command to continue from there',
  download: 'what was fetched is kept; repeat the command to continue from there',
  push: 'what was copied is kept; repeat the command to continue from there',
  alias: 'it may be done already; repeat the command to be sure',
  rm: 'it may be done already; trackway ls --deleted shows whether it is',
  restore: 'it may be done already; repeat the command to be sure',
  login: 'nothing was kept; repeat the command to log in',
}

/** Says that a command was ended early, and what to do. */
export function abortedMessage(command: string, { endedBy }: Terminal): string {
  const by = endedBy()
  return `${by === undefined ? 'Aborted' : `Ended by ${by}`}; ${continueBy[command] ?? 'repeat the command to try again'}`
}

/** As shells know it. */
export function abortedExitCode({ endedBy }: Terminal): number {
  return endingSignals[endedBy() ?? 'SIGINT']
}

/**
 * Waits for a command, and gives up `graceMs` after a signal where the command does not end by itself, since it waits
 * for something that never comes. Returns whether the command ended.
 */
export async function waitFor(
  work: Promise<unknown>,
  { signal, isServer }: { signal: AbortSignal; isServer: () => boolean },
): Promise<boolean> {
  const over = new AbortController()
  const { promise: gaveUp, resolve } = Promise.withResolvers<false>()
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    // A server ends when it has answered what it was asked.
    if (!isServer()) timer = setTimeout(resolve, graceMs, false)
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { signal: over.signal })
  try {
    return await Promise.race([work.then(() => true), gaveUp])
  } finally {
    over.abort()
    clearTimeout(timer)
  }
}
