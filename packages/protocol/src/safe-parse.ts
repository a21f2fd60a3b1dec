import { isError } from './brand.ts'
import * as z from 'zod/mini'

/**
 * As a schema's `safeParse`, also of a value with more faults than zod can list: it spreads them over the arguments of a
 * call, for which an engine's stack is too small from some 100,000 on. They are told as one then.
 */
export function safeParse<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  context?: z.core.ParseContext<z.core.$ZodIssue>,
): z.util.SafeParseResult<T> {
  try {
    return schema.safeParse(value, context)
  } catch (error) {
    if (!isError(error) || error.name !== 'RangeError') throw error
    return z.custom<T>(() => false, 'it has too many wrong values to list').safeParse(value)
  }
}
