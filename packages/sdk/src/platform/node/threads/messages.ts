import { TrackwayError, type ErrorCode, type Hint } from '@trackway/protocol/content'
import { IntegrityError } from '../../../errors.ts'
import type { TaskName } from '../../tasks.ts'

/** A thread is asked to do something. */
export interface ThreadQuestion {
  id: number
  name: TaskName
  /** Its bytes in the form in which they are sent. */
  input: unknown
}

/** What a thread is started with. */
export interface ThreadData {
  /** It says this when it has begun to listen, which no other program does that was started by mistake. */
  greeting: string
}

/** A thread has begun to listen. */
export interface ThreadReady {
  greeting: string
}

/** What came of a question. */
export type ThreadAnswer = { id: number; output: unknown } | { id: number; error: SentError }

/** An error in a form that goes from thread to thread. */
interface SentError {
  code: ErrorCode
  reason: string
  details?: Record<string, unknown> | undefined
  hint?: Hint | undefined
}

export function sendableError(error: unknown): SentError {
  if (!TrackwayError.isInstance(error)) return { code: 'internal_error', reason: String(error) }
  const { code, reason, details, hint } = error
  return { code, reason, details, hint }
}

export function reviveError({ code, reason, details, hint }: SentError): TrackwayError {
  const { path, expected, actual } = details ?? {}
  if (code === 'integrity_error' && [path, expected, actual].every((detail) => typeof detail === 'string')) {
    return new IntegrityError(`Reading ${String(path)}`, {
      path: String(path),
      expected: String(expected),
      actual: String(actual),
    })
  }
  return new TrackwayError(code, reason, { hint, ...(details !== undefined && { details }) })
}
