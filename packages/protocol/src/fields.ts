import * as z from 'zod/mini'

// Fields that many documents have. Stored documents are JSON objects: readers ignore unknown keys and refuse
// a higher formatVersion.
export const formatVersion = z.literal(1)
export const time = z.iso.datetime()
export const count = z.int().check(z.nonnegative())
export const positive = z.int().check(z.positive())
