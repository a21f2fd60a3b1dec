import { TrackwayError, type ErrorCode } from '@trackway/protocol/content'
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
  message: string
  details?: Record<string, unknown> | undefined
}

export function sendableError(error: unknown): SentError {
  if (!TrackwayError.isInstance(error)) return { code: 'internal_error', message: String(error) }
  return { code: error.code, message: error.message, details: error.details }
}

export function reviveError({ code, message, details }: SentError): TrackwayError {
  const { path, expected, actual } = details ?? {}
  if (code === 'integrity_error' && [path, expected, actual].every((detail) => typeof detail === 'string')) {
    return new IntegrityError(`Reading ${String(path)}`, {
      path: String(path),
      expected: String(expected),
      actual: String(actual),
    })
  }
  return new TrackwayError(code, message, { ...(details !== undefined && { details }) })
}
