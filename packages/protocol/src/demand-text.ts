import { TrackwayError, type ErrorCode } from './errors.ts'

/** Holds an argument to being a text, for callers that have no types. `what` begins the message. */
export function demandText(value: unknown, code: ErrorCode, what: string, example: string): string {
  if (typeof value === 'string') return value
  const kind = value === null ? value : typeof value
  throw new TrackwayError(code, `${what} has to be a text, such as '${example}'; this is ${kind}`)
}
