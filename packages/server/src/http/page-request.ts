import type { PageRequest } from '../engine/listing.ts'

const defaultItems = 100

/** The parameters of a list's query. */
export function pageRequest({
  cursor,
  limit,
}: {
  cursor?: string | undefined
  limit?: string | undefined
}): PageRequest {
  return { cursor, limit: Number(limit ?? defaultItems) }
}
