import * as z from 'zod/mini'
import { safeParse } from './safe-parse.ts'

// zod/mini has no error messages of its own. They are passed with each call, since a global setting would
// also affect the schemas of anyone who uses this package.
const { localeError } = z.locales.en()

/** Validates a value against a schema, and describes its faults in words for an error message. */
export function holdTo<T>(schema: z.ZodMiniType<T>, value: unknown): z.util.SafeParseResult<T> {
  return safeParse(schema, value, { error: localeError })
}

/** The faults of a value, in one line: `keepLast: Too small; dryRun: Invalid input`. */
export function problemsOf({ issues }: Pick<z.core.$ZodError, 'issues'>): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
}
