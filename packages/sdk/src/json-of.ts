import type { JsonValue } from '@trackway/protocol'

/** A value as JSON keeps it: `never` where it does not keep it. Unlike an index signature, it fits an interface. */
export type JsonOf<Value> = Value extends JsonValue
  ? Value
  : Value extends undefined | bigint | symbol | ((...given: never[]) => unknown)
    ? never
    : { [Key in keyof Value]: JsonOf<Value[Key]> }

/** An object that may be an interface. What a list, a Map, a date or a function has, it has not. */
export type PlainObject = object & {
  /** Lists and Maps have it. */
  readonly [Symbol.iterator]?: never
  /** Dates have it. */
  readonly [Symbol.toPrimitive]?: never
  /** Functions have it. */
  readonly [Symbol.hasInstance]?: never
}
