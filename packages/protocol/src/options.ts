// Runtime checks of the options of public functions, for callers without types.
import { brandOf } from './brand.ts'
import { TrackwayError } from './errors.ts'
import { hintOfNames, type Hint } from './hint.ts'
import { nearestNames } from './nearest.ts'

/** The kind of an option's value. */
export interface OptionKind {
  /** As in "has to be …". */
  expected: string
  /** As written in code. */
  example: string
  accepts(value: unknown): boolean
  /** The options of an object. */
  within?: OptionKinds
  /** All values of a choice. */
  values?: readonly string[]
  isRequired?: boolean
}

/** The kinds of a function's options by name. The first one is the example. */
export type OptionKinds = Readonly<Record<string, OptionKind>>

/** The kinds of the options of this type: a missing name, or one too many, does not compile. */
export type KindsOf<Options> = Readonly<Record<keyof Required<Options>, OptionKind>>

/**
 * Checks options against their kinds. `call` names the function. Undefined options are ignored. Throws
 * `option_invalid` for a value that is not an object, and for an unknown option, a missing one, or one of the
 * wrong kind.
 */
export function checkOptions(call: string, options: unknown, kinds: OptionKinds): void {
  const isLeftOut = options === undefined && !Object.values(kinds).some(({ isRequired }) => isRequired)
  if (isLeftOut) return
  if (!isObject(options))
    throw invalid(
      call,
      `the options have to be an object, such as ${exampleOf(kinds)}, and not ${described(options)}`,
    )
  for (const name of Object.keys(options))
    if (!Object.hasOwn(kinds, name)) throw unknownName(call, name, kinds)
  for (const [name, kind] of Object.entries(kinds)) checkOption(call, name, { kind, value: options[name] })
}

function checkOption(
  call: string,
  name: string,
  { kind, value }: { kind: OptionKind; value: unknown },
): void {
  if (value === undefined) {
    if (kind.isRequired) throw invalid(call, `it needs { ${name} }, ${kind.expected}`)
    return
  }
  if (!kind.accepts(value)) {
    const { values, expected, example } = kind
    const such = values === undefined ? `, such as { ${name}: ${example} }` : ''
    const hint = typeof value === 'string' && values !== undefined ? nearest(value, values) : undefined
    throw invalid(call, `{ ${name} } has to be ${expected}${such}, and not ${described(value)}`, hint)
  }
  if (kind.within !== undefined) checkOptions(`${call}: { ${name} }`, value, kind.within)
}

function unknownName(call: string, name: string, kinds: OptionKinds): TrackwayError {
  const names = Object.keys(kinds)
  const hint = nearest(name, names)
  const taken = hint === undefined ? `; it takes ${names.join(', ')}` : ''
  return invalid(call, `unknown option '${name.slice(0, 50)}'${taken}`, hint)
}

function nearest(wanted: string, names: readonly string[]): Hint | undefined {
  return hintOfNames(nearestNames(wanted, names).slice(0, 1))
}

function exampleOf(kinds: OptionKinds): string {
  const [first] = Object.entries(kinds)
  return first === undefined ? '{}' : `{ ${first[0]}: ${first[1].example} }`
}

/**
 * Including one of another realm. A signal, a Map or a promise is not a set of options, although it has no
 * keys.
 */
function isObject(value: unknown): value is Record<string, unknown> {
  return brandOf(value) === 'Object'
}

function invalid(call: string, problem: string, hint?: Hint): TrackwayError {
  return new TrackwayError('option_invalid', `${call}: ${problem}`, { hint })
}

/**
 * A value for a message, which must not show possible secrets: texts are shown only if they are short words.
 */
function described(value: unknown): string {
  if (typeof value === 'string') return /^[\w.-]{0,20}$/.test(value) ? `'${value}'` : 'a text'
  if (typeof value === 'object' && value !== null) return `of the type ${brandOf(value)}`
  return typeof value === 'function' ? 'a function' : String(value)
}

/** A text, such as this one. */
export function text(example: string): OptionKind {
  return {
    expected: 'a text',
    example: `'${example}'`,
    accepts: (value) => typeof value === 'string',
  }
}

/** True or false. */
export const flag: OptionKind = {
  expected: 'true or false',
  example: 'true',
  accepts: (value) => typeof value === 'boolean',
}

/** An integer in this range. */
export function whole(example: number, from = 0, to = Number.MAX_SAFE_INTEGER): OptionKind {
  return {
    expected: `a whole number from ${from} ${to === Number.MAX_SAFE_INTEGER ? 'on' : `to ${to}`}`,
    example: String(example),
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to,
  }
}

/** A number of at least 0. */
export function amount(example: number): OptionKind {
  return {
    expected: 'a number from 0 on',
    example: String(example),
    accepts: (value) => typeof value === 'number' && value >= 0,
  }
}

/** One of these texts. */
export function oneOf(...values: string[]): OptionKind {
  const quoted = values.map((value) => `'${value}'`)
  return {
    expected: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`,
    example: String(quoted[0]),
    accepts: (value) => typeof value === 'string' && values.includes(value),
    values,
  }
}

/** A text, or a list of texts. */
export function texts(example: string): OptionKind {
  return {
    expected: 'a text or a list of texts',
    example: `['${example}']`,
    accepts: (value) => [value].flat().every((each) => typeof each === 'string'),
  }
}

/** A list of texts. */
export function listOfTexts(example: string): OptionKind {
  return {
    ...texts(example),
    expected: 'a list of texts',
    accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  }
}

/** A function. */
export function callback(example: string): OptionKind {
  return { expected: 'a function', example, accepts: (value) => typeof value === 'function' }
}

/** An `AbortSignal`, including one of another realm. */
export const signal: OptionKind = {
  expected: 'an AbortSignal',
  example: 'AbortSignal.timeout(60_000)',
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    typeof value.aborted === 'boolean' &&
    'addEventListener' in value,
}

/** A valid date. */
export const date: OptionKind = {
  expected: 'a valid Date',
  example: "new Date('2030-01-31')",
  accepts: (value) => brandOf(value) === 'Date' && !Number.isNaN(Number(value)),
}

/** An object with options of its own. */
export function nested(within: OptionKinds): OptionKind {
  return { expected: 'an object', example: exampleOf(within), accepts: isObject, within }
}

/** Something with these methods, such as a store. */
export function having(expected: string, example: string, ...methods: string[]): OptionKind {
  return {
    expected,
    example,
    accepts: (value) =>
      ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
      methods.every((method) => typeof Reflect.get(value, method) === 'function'),
  }
}

/** A value that is validated elsewhere. */
export function other(expected: string, example: string): OptionKind {
  return { expected, example, accepts: () => true }
}

/** The same kind, or null. */
export function orNull(kind: OptionKind): OptionKind {
  return {
    ...kind,
    expected: `${kind.expected} or null`,
    accepts: (value) => value === null || kind.accepts(value),
  }
}

/** The same kind, but required. */
export function required(kind: OptionKind): OptionKind {
  return { ...kind, isRequired: true }
}
