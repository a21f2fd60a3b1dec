import { holdTo, printable, problemsOf } from '@trackway/protocol'
import { excessOf } from '@trackway/protocol/json-shape'
import * as z from 'zod/mini'

// An answer of many values may take a lot of memory once it is parsed, and once more when it does not fit its schema.

const depth = 64
/** Bytes that each value takes on average. */
const valueBytes = 16

/** What an answer has too much of to be parsed, in words. */
export function excessIn(bytes: Uint8Array, mostBytes: number): string | undefined {
  const values = mostBytes / valueBytes
  const excess = excessOf(bytes, { depth, values })
  if (excess === undefined) return undefined
  return excess === 'depth' ? `it is nested more than ${depth} deep` : `it has more than ${values} values`
}

/**
 * What is wrong first with a value, in words; undefined where it fits its schema. A schema itself writes down all that is
 * wrong, which for millions of wrong values takes a hundred times their memory.
 */
export function firstFault(schema: z.core.$ZodType, value: unknown, path = ''): string | undefined {
  if (schema instanceof z.core.$ZodArray && Array.isArray(value)) {
    const items: unknown[] = value
    return firstOf(items.entries(), ([index, item]) =>
      firstFault(schema._zod.def.element, item, `${path}${index}.`),
    )
  }
  if (schema instanceof z.core.$ZodObject && isObject(value)) {
    return firstOf(Object.entries(schema._zod.def.shape), ([key, inner]) =>
      firstFault(inner, value[key], `${path}${key}.`),
    )
  }
  if (schema instanceof z.core.$ZodRecord && isObject(value)) {
    const { keyType, valueType } = schema._zod.def
    return firstOf(
      Object.entries(value),
      ([key, item]) =>
        firstFault(keyType, key, `${path}${key}.`) ?? firstFault(valueType, item, `${path}${key}.`),
    )
  }
  if (schema instanceof z.core.$ZodDefault && value !== undefined)
    return firstFault(schema._zod.def.innerType, value, path)
  return faultOf(schema, value, path)
}

function firstOf<Item>(
  items: Iterable<Item>,
  faultIn: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const fault = faultIn(item)
    if (fault !== undefined) return fault
  }
  return undefined
}

function faultOf(schema: z.core.$ZodType, value: unknown, path: string): string | undefined {
  const { error } = holdTo(schema as z.ZodMiniType, value) // The protocol has no others.
  return error && printable(`${path === '' ? '' : `${path.slice(0, -1)}: `}${problemsOf(error)}`, 500)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
