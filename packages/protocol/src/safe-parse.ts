import { isError } from './brand.ts'
import * as z from 'zod/mini'

/**
 * Like a schema's `safeParse`, but for values with more faults than zod can list: it spreads them over the
 * arguments of a call, which overflows an engine's stack from about 100,000 on. They are reported as one.
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
