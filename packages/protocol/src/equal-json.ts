import type { JsonValue } from './metadata.ts'

/** Whether two JSON values are the same, whatever the order of their objects' keys. */
export function equalJson(a: JsonValue, b: JsonValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [ours, theirs] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  if (ours.size !== theirs.size) return false
  return [...ours].every(([key, value]) => {
    const other = theirs.get(key)
    return other !== undefined && equalJson(value, other)
  })
}
