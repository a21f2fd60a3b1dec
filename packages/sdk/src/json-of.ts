import type { JsonValue } from '@trackway/protocol'

/**
 * A value as JSON keeps it; `never` if JSON does not keep it. Unlike an index signature, it accepts an
 * interface.
 */
export type JsonOf<Value> = Value extends JsonValue
  ? Value
  : Value extends undefined | bigint | symbol | ((...given: never[]) => unknown)
    ? never
    : { [Key in keyof Value]: JsonOf<Value[Key]> }

/** An object that may be an interface, without the members of a list, a Map, a date or a function. */
export type PlainObject = object & {
  /** Of lists and Maps. */
  readonly [Symbol.iterator]?: never
  /** Of dates. */
  readonly [Symbol.toPrimitive]?: never
  /** Of functions. */
  readonly [Symbol.hasInstance]?: never
}
