import type * as z from 'zod/mini'

/** A parameter of a route's path. */
export interface Parameter<Value = string> {
  schema: z.ZodMiniType<Value>
  /** Throws the error that names the rule. */
  parse(text: string): Value
  /** What the walk-through of docs/protocol.md creates. */
  example: string
}
