import { endingSignals, graceMs, type Terminal } from './terminal.ts'

/** What an aborted command leaves behind, and how to continue. */
const continueBy: Record<string, string> = {
  upload: 'what was sent is kept; run the command again to resume',
  download: 'what was fetched is kept; run the command again to resume',
  push: 'what was copied is kept; run the command again to resume',
  alias: 'the alias may have changed already; run the command again to be sure',
  rm: 'the version may be deleted already; check with trackway ls --deleted',
  restore: 'the version may be restored already; run the command again to be sure',
  sync: 'what was not sent is kept; run the command again to send it',
  login: 'nothing was saved; run the command again to log in',
}

/** The message for a command that was aborted. */
export function abortedMessage(command: string, { endedBy }: Terminal): string {
  const by = endedBy()
  return `${by === undefined ? 'Aborted' : `Ended by ${by}`}; ${continueBy[command] ?? 'run the command again to retry'}`
}

/** The exit code that shells use for the signal. */
export function abortedExitCode({ endedBy }: Terminal): number {
  return endingSignals[endedBy() ?? 'SIGINT']
}

/**
 * Waits for a command, and gives up `graceMs` after a signal if the command has not ended by then. Returns
 * whether the command ended.
 */
export async function waitFor(
  work: Promise<unknown>,
  { signal, isServer }: { signal: AbortSignal; isServer: () => boolean },
): Promise<boolean> {
  const over = new AbortController()
  const { promise: gaveUp, resolve } = Promise.withResolvers<false>()
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    // A server ends when its open requests are answered.
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
