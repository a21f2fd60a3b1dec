import { TrackwayError, type MetricPoint } from '@trackway/protocol'

const mostKeyCharacters = 256

/** Values as the points that a log keeps. Throws `option_invalid` for a value that a log cannot keep. */
export function pointsOf(
  attempted: string,
  values: unknown,
  at: Pick<MetricPoint, 'step' | 'time'>,
): MetricPoint[] {
  // Also for a promise, a list or a Map, whose entries would be empty or unexpected.
  if (typeof values !== 'object' || values === null || tagOf(values) !== 'Object')
    throw invalid(attempted, `${shown(values)} is not an object of numbers, such as { loss: 0.03 }`)
  return Object.entries(values).map(([key, value]) => ({
    ...at,
    key: checkKey(attempted, key),
    value: encodeValue(attempted, key, value),
  }))
}

export function checkStep(attempted: string, step: unknown): number {
  if (Number.isSafeInteger(step) && Number(step) >= 0) return Number(step)
  throw invalid(attempted, `the step ${shown(step)} is not an integer of 0 or more`)
}

/**
 * Milliseconds since 1970. A machine without a clock may report an earlier time, which must not cause an
 * error.
 */
export function checkTime(attempted: string, time: unknown): number {
  if (time === undefined) return Math.max(0, Date.now())
  // A Date of another realm, such as a notebook's, is not an instance of this realm's class.
  if (tagOf(time) !== 'Date') throw invalid(attempted, `the time ${shown(time)} is not a Date`)
  const ms = new Date(Number(time)).getTime()
  if (ms >= 0) return ms
  throw invalid(attempted, ms < 0 ? 'the time is before 1970' : 'the time is not a valid Date')
}

function checkKey(attempted: string, key: string): string {
  if (key !== '' && key.length <= mostKeyCharacters) return key
  throw invalid(
    attempted,
    `a metric's name has 1 to ${mostKeyCharacters} characters; '${key.slice(0, 50)}' has ${key.length}`,
  )
}

function encodeValue(attempted: string, key: string, value: unknown): MetricPoint['value'] {
  if (typeof value !== 'number') {
    throw invalid(
      attempted,
      `the value of ${key} is not a number; log only numbers, and put other values into the run's config`,
    )
  }
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return value
  return value > 0 ? 'Infinity' : '-Infinity'
}

function invalid(attempted: string, problem: string): TrackwayError {
  return new TrackwayError('option_invalid', `${attempted}: ${problem}`)
}

/** Any value, formatted for a message. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? `a ${tagOf(value)}` : String(value).slice(0, 50)
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}
