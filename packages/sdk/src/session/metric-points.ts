import type { MetricPoint } from '@trackway/protocol'

const mostKeyCharacters = 256

/** Why a value cannot be logged. Each kind of problem is reported once. */
export class LogRefusal extends Error {
  readonly kind: string

  constructor(kind: string, problem: string) {
    super(problem)
    this.kind = kind
  }
}

/** Values as the points that a log keeps. Passes what a log cannot keep to `refuse`. */
export function pointsOf(
  values: Readonly<Record<string, unknown>>,
  at: Pick<MetricPoint, 'step' | 'time'>,
  refuse: (problem: LogRefusal) => void,
): MetricPoint[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const encoded = encodeValue(value)
    if (key !== '' && key.length <= mostKeyCharacters && encoded !== undefined)
      return [{ ...at, key, value: encoded }]
    refuse(problemOf(key, value))
    return []
  })
}

/** Logged values, unless they are a promise, a list or a Map, whose entries would be empty or unexpected. */
export function checkValues(values: unknown): Readonly<Record<string, unknown>> {
  if (typeof values === 'object' && values !== null && tagOf(values) === 'Object') return { ...values }
  throw new LogRefusal('values', `${shown(values)} is not an object of numbers, such as { loss: 0.03 }`)
}

export function checkStep(step: unknown): number {
  if (Number.isSafeInteger(step) && Number(step) >= 0) return Number(step)
  throw new LogRefusal('step', `the step ${shown(step)} is not an integer of 0 or more`)
}

/**
 * Milliseconds since 1970. A machine without a clock may report an earlier time, which must not cause an
 * error.
 */
export function checkTime(time: unknown): number {
  if (time === undefined) return Math.max(0, Date.now())
  // A Date of another realm, such as a notebook's, is not an instance of this realm's class.
  if (tagOf(time) !== 'Date') throw new LogRefusal('time', `the time ${shown(time)} is not a Date`)
  const ms = new Date(Number(time)).getTime()
  if (ms >= 0) return ms
  throw new LogRefusal('time', ms < 0 ? 'the time is before 1970' : 'the time is not a valid Date')
}

function problemOf(key: string, value: unknown): LogRefusal {
  if (key === '' || key.length > mostKeyCharacters) {
    const wrong = `'${key.slice(0, 50)}' has ${key.length}`
    return new LogRefusal('key', `a metric's name has 1 to ${mostKeyCharacters} characters; ${wrong}`)
  }
  return new LogRefusal(
    'value',
    `the value of ${key} is ${shown(value)}, not a number; put other values into the run's config`,
  )
}

/** Undefined for what is not a number. */
function encodeValue(value: unknown): MetricPoint['value'] | undefined {
  if (typeof value !== 'number') return undefined
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return value
  return value > 0 ? 'Infinity' : '-Infinity'
}

/** Any value, formatted for a message. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 50)}'`
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? `a ${tagOf(value)}` : String(value).slice(0, 50)
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}
