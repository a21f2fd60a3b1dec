import { holdTo, printable, problemsOf } from '@trackway/protocol'
import type * as z from 'zod/mini'

/**
 * Describes where an answer does not match its schema. Loaded late, since the texts are long and rarely
 * needed.
 */
export function misfitOf(schema: z.ZodMiniType, answer: unknown): string {
  if (answer === undefined)
    return 'its answer is not JSON, such as the page of a proxy or a login; see docs/proxies.md'
  const issues = holdTo(schema, answer).error?.issues ?? []
  return printable(problemsOf({ issues: issues.slice(0, 5) }), 500)
}
