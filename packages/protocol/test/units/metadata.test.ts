import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { codePoints } from '../arbitraries.ts'
import { maxMetadataBytes } from '../../src/limits.ts'
import { metadataProblem, metadataSchema } from '../../src/metadata.ts'

/** Objects in objects: `nested(1)` is one object. */
function nested(depth: number, wrap: (inner: unknown) => unknown = (inner) => ({ a: inner })): unknown {
  return depth === 1 ? {} : wrap(nested(depth - 1, wrap))
}

function inLists(inner: unknown): unknown {
  return { a: [inner] }
}

describe('metadata', () => {
  it('is kept as it is', () => {
    const value = {
      text: 'a',
      number: -1.5,
      yes: true,
      none: null,
      list: [1, [2], {}],
      '': 0,
      toString: 'x',
      deep: { a: {} },
    }
    expect(metadataProblem(value)).toBeUndefined()
    expect(metadataSchema.parse(value)).toStrictEqual(value)
  })

  it('survives JSON unchanged', () => {
    const objects = fc.dictionary(fc.string({ unit: codePoints }), fc.jsonValue({ maxDepth: 2 }))
    fc.assert(
      fc.property(objects, (value) => {
        const text = JSON.stringify(value)
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text))
        expect(metadataProblem(JSON.parse(text))).toBeUndefined()
        expect(metadataSchema.parse(JSON.parse(text))).toStrictEqual(JSON.parse(text))
      }),
    )
  })

  it.each([[undefined], [null], ['text'], [1], [true], [[]], [[{}]]])(
    'has to be an object and not %j',
    (value) => {
      expect(metadataProblem(value)).toBe('it has to be an object')
      expect(metadataSchema.safeParse(value).success).toBe(false)
      expect(z.object({ metadata: metadataSchema }).safeParse({ metadata: value }).success).toBe(false)
    },
  )

  it('is required unless it is optional', () => {
    expect(z.object({ metadata: metadataSchema }).safeParse({}).success).toBe(false)
    expect(z.object({ metadata: z.optional(metadataSchema) }).parse({})).toStrictEqual({})
  })

  it.each([
    [Number.NaN, 'NaN is not a JSON number'],
    [Number.POSITIVE_INFINITY, 'Infinity is not a JSON number'],
    [Number.NEGATIVE_INFINITY, '-Infinity is not a JSON number'],
    [undefined, 'undefined is not a JSON value'],
    [1n, 'a bigint is not a JSON value'],
    [Symbol('a'), 'a symbol is not a JSON value'],
    [() => 1, 'a function is not a JSON value'],
    [new Date(0), 'a Date is not a JSON value'],
    [new Map([['a', 1]]), 'a Map is not a JSON value'],
    [new Set([1]), 'a Set is not a JSON value'],
    [new Float32Array([1]), 'a Float32Array is not a JSON value'],
  ])('may not contain a value that JSON would lose or change: %s', (value, problem) => {
    expect(metadataProblem({ a: value })).toContain(problem)
    expect(metadataProblem({ a: [{ b: value }] })).toContain(problem)
    expect(metadataSchema.safeParse({ a: value }).success).toBe(false)
  })

  it('may not be a Map, which JSON would make empty', () => {
    expect(metadataProblem(new Map([['a', 1]]))).toContain('a Map is not a JSON value')
  })

  it('may not be an instance of a class, which defines its own JSON', () => {
    class Config {
      readonly rate = 0.1
    }
    expect(metadataProblem(new Config())).toContain('use plain objects and lists')
    expect(metadataProblem({ config: Object.assign(new Config(), { constructor: null }) })).toContain(
      'plain objects',
    )
  })

  it('may have no prototype, or come from another realm', () => {
    expect(metadataProblem(Object.assign(Object.create(null), { a: 1 }))).toBeUndefined()
    expect(metadataProblem(runInNewContext('({ a: [{}] })'))).toBeUndefined()
  })

  it('is nested at most 8 deep, including lists', () => {
    expect(metadataProblem(nested(8))).toBeUndefined()
    expect(metadataProblem(nested(9))).toMatch(/^[a.[\]0self]+: it is nested more than 8 deep$/)
    expect(metadataProblem(nested(4, inLists))).toBeUndefined()
    expect(metadataProblem(nested(5, inLists))).toMatch(/^[a.[\]0self]+: it is nested more than 8 deep$/)
  })

  it('is refused if it contains itself, instead of being followed forever', () => {
    const value: Record<string, unknown> = {}
    value['self'] = value
    expect(metadataProblem(value)).toMatch(/^[a.[\]0self]+: it is nested more than 8 deep$/)
    expect(metadataProblem({ a: JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) })).toContain(
      'nested',
    )
  })

  it('reports where it is wrong', () => {
    const value = { optimizer: { lr: [1, Number.NaN] } }
    expect(metadataProblem(value, 'config')).toBe('config.optimizer.lr[1]: NaN is not a JSON number')
    expect(metadataProblem(value)).toBe('optimizer.lr[1]: NaN is not a JSON number')
  })

  it.each([
    ['a list with gaps', { a: Object.assign(Array.from({ length: 2 }), { 3: 1 }) }],
    ['an endless list with one item', { a: Object.assign([], { length: 4_000_000_000 }) }],
    ['a key of a list that is not an index', { a: Object.assign([1], { name: 'x' }) }],
    ['a symbol as a key', { a: { [Symbol('key')]: 1 } }],
    ['an own toJSON', { a: { toJSON: () => 1 } }],
  ])('does not lose %s', (_, value) => {
    expect(metadataProblem(value)).toContain('a')
  })

  it('has at most 64 KiB as UTF-8', () => {
    const frame = '{"a":""}'.length
    expect(metadataProblem({ a: 'x'.repeat(maxMetadataBytes - frame) })).toBeUndefined()
    expect(metadataProblem({ a: 'x'.repeat(maxMetadataBytes - frame + 1) })).toContain('65536 bytes')
    expect(metadataProblem({ a: 'é'.repeat((maxMetadataBytes - frame) / 2) })).toBeUndefined()
    expect(metadataProblem({ a: 'é'.repeat((maxMetadataBytes - frame) / 2 + 1) })).toContain('65536 bytes')
  })

  it.each(['__proto__', 'constructor', 'prototype'])('has no key %j, at any depth', (key) => {
    for (const json of [`{"${key}":{"admin":true}}`, `{"a":[{"${key}":1}]}`]) {
      const value: unknown = JSON.parse(json)
      expect(metadataProblem(value)).toMatch(new RegExp(`^(a\\[0\\]: )?the key '${key}' is not allowed$`))
      expect(metadataSchema.safeParse(value).success).toBe(false)
    }
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })
})
