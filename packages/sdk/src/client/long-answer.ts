import { holdTo, printable, problemsOf, safeParse } from '@trackway/protocol'
import { excessOf } from '@trackway/protocol/json-shape'
import * as z from 'zod/mini'

// An answer of many values may take a lot of memory once it is parsed, and far more if it does not match its
// schema: zod records every problem. Such an answer is checked piece by piece, until there is a problem.

const depth = 64
/** Bytes that each value takes on average. */
const valueBytes = 16
/** How many items of a list are checked at once. */
const batch = 100

/** The content of an answer, or why it is not read. */
export type ReadAnswer = { data: unknown; misfit?: undefined } | { misfit: string }

/** Reads a long answer; reports only its first problem. */
export function readLongAnswer(
  schema: z.ZodMiniType,
  bytes: Uint8Array,
  { mostBytes, parse }: { mostBytes: number; parse: (bytes: Uint8Array) => unknown },
): ReadAnswer {
  const values = mostBytes / valueBytes
  const excess = excessOf(bytes, { depth, values })
  if (excess === 'depth') return { misfit: `it is nested more than ${depth} deep` }
  if (excess === 'values') return { misfit: `it has more than ${values} values` }
  try {
    return { data: hold(schema, parse(bytes), '') }
  } catch (error) {
    if (error instanceof Misfit) return { misfit: printable(error.message, 500) }
    throw error
  }
}

class Misfit extends Error {}

/** The value that a schema returns. Throws a `Misfit` for the first problem. */
function hold(schema: z.core.$ZodType, value: unknown, path: string): unknown {
  if (schema instanceof z.ZodMiniArray && Array.isArray(value)) return holdList(schema, value, path)
  if (schema instanceof z.ZodMiniObject && isObject(value)) {
    const entries = Object.entries(schema.def.shape).map(([key, inner]) => [
      key,
      hold(inner, value[key], `${path}${key}.`),
    ])
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined))
  }
  if (schema instanceof z.ZodMiniRecord && isObject(value)) {
    const { keyType, valueType } = schema.def
    const entries = Object.entries(value).map(([key, inner]) => [
      hold(keyType, key, `${path}${key}.`),
      hold(valueType, inner, `${path}${key}.`),
    ])
    return Object.fromEntries(entries)
  }
  if (schema instanceof z.ZodMiniDefault && value !== undefined)
    return hold(schema.def.innerType, value, path)
  const result = holdTo(schema as z.ZodMiniType, value) // The protocol uses no others.
  if (result.success) return result.data
  throw misfit(result.error, path)
}

function misfit(error: z.core.$ZodError, path: string): Misfit {
  return new Misfit(`${path === '' ? '' : `${path.slice(0, -1)}: `}${problemsOf(error)}`)
}

function holdList(schema: z.ZodMiniArray, items: readonly unknown[], path: string): unknown[] {
  const { element, checks = [] } = schema.def
  // How many items there may be, which a few of them do not tell. The checks of a list ask
  // nothing of its items.
  const { error } = holdTo(z.array(z.unknown()).check(...(checks as z.core.$ZodCheck<unknown[]>[])), items)
  if (error !== undefined) throw misfit(error, path)
  const held: unknown[] = []
  for (let start = 0; start < items.length; start += batch) {
    const few = items.slice(start, start + batch)
    const result = holdsLists(element) ? undefined : safeParse(schema, few)
    const data = result?.success
      ? result.data
      : few.map((item, index) => hold(element, item, `${path}${start + index}.`))
    for (const item of data) held.push(item)
  }
  return held
}

/** Whether a value with this schema may be long itself. */
function holdsLists(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodMiniObject) return Object.values(schema.def.shape).some(holdsLists)
  return schema instanceof z.ZodMiniArray || schema instanceof z.ZodMiniRecord
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
