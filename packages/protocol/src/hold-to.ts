import * as z from 'zod/mini'
import { safeParse } from './safe-parse.ts'

// The small edition of zod brings no words of its own. These are given with each call, since what is set for all
// calls would be set for the schemas of whoever uses this package as well.
const { localeError } = z.locales.en()

/** Holds a value to a schema. What is wrong with it is said in words, for an error's message. */
export function holdTo<T>(schema: z.ZodMiniType<T>, value: unknown): z.util.SafeParseResult<T> {
  return safeParse(schema, value, { error: localeError })
}

/** What is wrong with a value, in one line: `keepLast: Too small; dryRun: Invalid input`. */
export function problemsOf({ issues }: Pick<z.core.$ZodError, 'issues'>): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
}
