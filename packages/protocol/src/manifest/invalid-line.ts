import { isError } from '../brand.ts'
import { TrackwayError } from '../errors.ts'

const mostShown = 2_000

/**
 * The fault of bytes that are not a valid line: a decoder throws a TypeError, `JSON.parse` a SyntaxError, and
 * a long line with other content a RangeError.
 */
export function badLine(error: unknown, line: number): unknown {
  if (TrackwayError.isInstance(error)) return error
  const { name, message } = isError(error) ? error : new Error(String(error))
  if (name === 'RangeError') return invalid(line, 'entry', message)
  if (name === 'SyntaxError') return invalid(line, 'json', 'the line is not JSON', undefined, error)
  return invalid(line, 'encoding', 'the line is not UTF-8', undefined, error)
}

/** The error that names a line, and the rule that it breaks. */
export function invalid(
  line: number,
  rule: string,
  problem: string,
  path?: string,
  cause?: unknown,
): TrackwayError {
  // The fault may be as long as the manifest, but an error should not be.
  const shown = problem.length > mostShown ? `${problem.slice(0, mostShown)}…` : problem
  return new TrackwayError('manifest_invalid', `The manifest is not valid at line ${line}: ${shown}`, {
    cause,
    details: { line, rule, ...(path !== undefined && { path: path.slice(0, mostShown) }) },
  })
}
