import { isError } from '@trackway/protocol'
import { isRateLimited } from './pace.ts'

/** Tells people what becomes of what a run logs, where it is not simply sent. */
export interface RunReport {
  /** A kind of message does not get through, and is kept. */
  failed(what: string, error: unknown): void
  /** It gets through. */
  succeeded(what: string): void
  /** Something is left out for good. Each kind is mentioned once. */
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
        return once('slower', `${sentenceOf(error)} It is kept, and sent as fast as the server takes it`)
      if (failing.size === 0)
        print(`${sentenceOf(error)} It is kept, and sent again until it gets through or the run is finished`)
      failing.add(what)
    },
    succeeded(what) {
      if (failing.delete(what) && failing.size === 0) print(`The run ${run} gets through again`)
    },
    leftOut: once,
  }
}

/** A message as a sentence that others follow. */
export function sentenceOf(error: unknown): string {
  const text = isError(error) ? error.message : String(error)
  return /[.?!]$/.test(text) ? text : `${text}.`
}
