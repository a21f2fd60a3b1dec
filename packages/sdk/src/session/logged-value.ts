import type { MetricPoint } from '@trackway/protocol'

/** A value that a run logged. */
export interface LoggedValue {
  /** Which step of the run, counted from 0. */
  step: number
  /** Its name, such as `loss`. */
  key: string
  /** What was measured; NaN and infinities are possible. */
  value: number
  /** When, by the clock of whoever logged it. */
  time: Date
}

/** A value as it travels, in which NaN and infinities are words. */
export function loggedValue({ step, key, value, time }: MetricPoint): LoggedValue {
  return { step, key, value: Number(value), time: new Date(time) }
}
