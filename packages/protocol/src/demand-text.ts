import { TrackwayError, type ErrorCode } from './errors.ts'

/** Checks that an argument is a string, for callers without types. `what` begins the message. */
export function demandText(
  value: unknown,
  what: string,
  example: string,
  code: ErrorCode = 'option_invalid',
): string {
  if (typeof value === 'string') return value
  const kind =
    value === null || value === undefined
      ? value
      : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
  throw new TrackwayError(code, `${what} has to be a text, such as '${example}'; this is ${kind}`)
}
