import type { MetricPoint } from '@trackway/protocol'

/** A value that a run logged. */
export interface LoggedValue {
  /** The step of the run, counted from 0. */
  step: number
  /** Its name, such as `loss`. */
  key: string
  /** The measured value; NaN and infinities are possible. */
  value: number
  /** When it was logged, by the clock of the process that logged it. */
  time: Date
}

/**
 * A value as it is transferred: NaN and infinities are strings.
 *
 * @internal
 */
export function loggedValue({ step, key, value, time }: MetricPoint): LoggedValue {
  return { step, key, value: Number(value), time: new Date(time) }
}
