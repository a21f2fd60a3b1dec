import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalJson } from '../../src/equal-json.ts'
import type { JsonValue } from '../../src/metadata.ts'

// Fast-check generates JSON here, which its type does not say.
const json = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<JsonValue>

test('values with the same JSON are equal, whatever the order of their keys', () => {
  expect(equalJson({ a: 1, b: [{ c: null, d: 'x' }] }, { b: [{ d: 'x', c: null }], a: 1 })).toBe(true)
  fc.assert(fc.property(json, (value) => equalJson(value, JSON.parse(JSON.stringify(value)))))
})

test.each<[JsonValue, JsonValue]>([
  [1, '1'],
  [null, {}],
  [[], {}],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: 1 }, { a: 1, b: null }],
  [{ a: null }, { b: null }],
  [{ a: { b: 1 } }, { a: { b: 2 } }],
])('%j and %j are not equal', (a, b) => {
  expect(equalJson(a, b)).toBe(false)
  expect(equalJson(b, a)).toBe(false)
})
