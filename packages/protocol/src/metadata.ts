import * as z from 'zod/mini'
import { brandOf, withArticle } from './brand.ts'
import { maxMetadataBytes, maxMetadataDepth } from './limits.ts'

/** A JSON value. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }
/** Metadata of versions, and config of runs: a JSON object of at most 64 KiB, nested at most 8 deep. */
export type Metadata = Record<string, JsonValue>

// Keys that would change every other object if the object were merged carelessly later.
const dangerousKeys = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Why a value is not allowed as metadata or config, with the path of the fault, which begins with `name`;
 * undefined if it is allowed.
 */
export function metadataProblem(value: unknown, name = ''): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it has to be an object'
  const found = nestingProblem(value, 1)
  if (found) {
    const path = name === '' ? found.path.replace(/^\./, '') : name + found.path
    return path === '' ? found.problem : `${path}: ${found.problem}`
  }
  return new TextEncoder().encode(JSON.stringify(value)).length > maxMetadataBytes
    ? `it has more than ${maxMetadataBytes} bytes as JSON`
    : undefined
}

/** The fault and its path: `.optimizer.lr[1]`. */
function nestingProblem(value: unknown, depth: number): { problem: string; path: string } | undefined {
  const problem = valueProblem(value, depth)
  if (problem) return { problem, path: '' }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const nested = nestingProblem(inner, depth + 1)
    if (nested) return { ...nested, path: (Array.isArray(value) ? `[${key}]` : `.${key}`) + nested.path }
  }
  return undefined
}

function valueProblem(value: unknown, depth: number): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value} is not a JSON number`
  if (value === undefined) return 'undefined is not a JSON value; leave the key out'
  if (typeof value !== 'object') return `a ${typeof value} is not a JSON value`
  if (!isPlain(value))
    return `${withArticle(classOf(value))} is not a JSON value; use plain objects and lists`
  if (depth > maxMetadataDepth) return `it is nested more than ${maxMetadataDepth} deep`
  const keys = Object.keys(value)
  const dangerous = keys.find((key) => dangerousKeys.has(key))
  if (dangerous) return `the key '${dangerous}' is not allowed`
  const isWhole = !Object.getOwnPropertySymbols(value).length
  if (!isWhole || (Array.isArray(value) && keys.length !== value.length))
    return 'it has gaps, or keys that JSON leaves out'
  return undefined
}

/** Whether JSON preserves an object, unlike a Map, a Date or an array of bytes. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  // The prototype of plain objects has none itself; in another realm, such as a notebook's, it is another
  // one.
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}

function classOf(value: object): string {
  const { name } = value.constructor ?? {}
  if (typeof name === 'string' && name !== '' && name !== 'Object') return name
  const brand = brandOf(value)
  return brand === 'Object' ? 'object that inherits from another' : brand
}

/** Metadata in JSON. It is passed through unchanged, so that no key can reach an object's prototype. */
export const metadataSchema = z
  .custom<Metadata>()
  .check(
    z.superRefine((value, context) => {
      const message = metadataProblem(value)
      if (message) context.addIssue({ code: 'custom', message })
    }),
  )
  .register(z.globalRegistry, { type: 'object', additionalProperties: true })
