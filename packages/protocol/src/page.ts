import * as z from 'zod/mini'

/** The query of a list. */
export const pageQuery = z.strictObject({
  /** The cursor: where the previous page ended. */
  cursor: z.optional(z.string()),
  /** Items per page, at most 1,000. Default: 100. */
  limit: z.optional(z.string().check(z.regex(/^[1-9]\d{0,2}$|^1000$/))),
})

/** Where the next page begins: it is sent back in an address. */
export const nextPageSchema = z.optional(z.string().check(z.maxLength(8192)))

/** One page of a list; `next` is the cursor of the next page. */
export function pageSchema<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ items: z.array(item), next: nextPageSchema })
}
/** One page of a list. */
export interface Page<Item> {
  items: Item[]
  next?: string | undefined
}
