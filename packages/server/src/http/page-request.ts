import type { PageRequest } from '../engine/listing.ts'

const defaultItems = 100

/** What a list's query asks for. */
export function pageRequest({
  cursor,
  limit,
}: {
  cursor?: string | undefined
  limit?: string | undefined
}): PageRequest {
  return { cursor, limit: Number(limit ?? defaultItems) }
}
