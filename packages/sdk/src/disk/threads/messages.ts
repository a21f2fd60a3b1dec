import { TrackwayError, type ErrorCode, type Hint } from '@trackway/protocol/content'
import { IntegrityError } from '../../errors.ts'
import type { TaskName } from '../../tasks/tasks.ts'

/** A request to a thread. */
export interface ThreadQuestion {
  id: number
  name: TaskName
  /** The input, with its bytes in the form in which they are sent. */
  input: unknown
}

/** The data that a thread is started with. */
export interface ThreadData {
  /** The thread sends this when it has begun to listen; a program that was started by mistake does not. */
  greeting: string
}

/** A thread has begun to listen. */
export interface ThreadReady {
  greeting: string
}

/** The answer to a request. */
export type ThreadAnswer = { id: number; output: unknown } | { id: number; error: SentError }

/** An error in a form that can be sent between threads. */
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
