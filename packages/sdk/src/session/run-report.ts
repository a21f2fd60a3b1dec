import { isError } from '@trackway/protocol'
import { isRateLimited } from './pace.ts'

/** Reports problems with sending what a run logs. */
export interface RunReport {
  /** A kind of message cannot be sent, and is kept. */
  failed(what: string, error: unknown): void
  /** It is sent again. */
  succeeded(what: string): void
  /** Something is dropped permanently. Each kind is reported once. */
  leftOut(kind: string, text: string): void
}

export function createRunReport(run: string, print: (text: string) => void): RunReport {
  const failing = new Set<string>()
  const said = new Set<string>()
  function once(kind: string, text: string): void {
    if (said.has(kind)) return
    said.add(kind)
    print(text)
  }
  return {
    failed(what, error) {
      if (isRateLimited(error))
        return once('slower', `${sentenceOf(error)} It is kept, and sent as fast as the server accepts it`)
      if (failing.size === 0)
        print(
          `${sentenceOf(error)} It is kept, and sending is retried until it succeeds or the run is finished`,
        )
      failing.add(what)
    },
    succeeded(what) {
      if (failing.delete(what) && failing.size === 0) print(`The run ${run} reaches the server again`)
    },
    leftOut: once,
  }
}

/** A message as a sentence that others can follow. */
export function sentenceOf(error: unknown): string {
  const text = isError(error) ? error.message : String(error)
  return /[.?!]$/.test(text) ? text : `${text}.`
}
