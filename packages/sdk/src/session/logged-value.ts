import type { MetricPoint } from '@trackway/protocol'

/** A value that a run logged. */
export interface LoggedValue {
  step: number
  /** Its name, such as `loss`. */
  key: string
  value: number
  time: Date
}

/** A value as it travels, in which NaN and infinities are words. */
export function loggedValue({ step, key, value, time }: MetricPoint): LoggedValue {
  return { step, key, value: Number(value), time: new Date(time) }
}
