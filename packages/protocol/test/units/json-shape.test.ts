import { expect, test } from 'vitest'
import { excessOf } from '../../src/json-shape.ts'

const excess = (text: string) => excessOf(new TextEncoder().encode(text), { depth: 2, values: 4, keys: 2 })

test.each([
  ['[[1],2]', undefined],
  ['[[[1]]]', 'depth'],
  ['{"a":{"b":{}}}', 'depth'],
  ['[1,2,3,4]', undefined],
  ['[1,2,3,4,5]', 'values'],
  ['["[[[,,,,","\\"[[[,,,,"]', undefined],
  ['[],[],[]', 'values'],
  ['{"a":1,"b":2,"c":3}', 'keys'],
  ['[{"a":1},{"a":1}]', undefined],
  ['["', undefined],
])('%s exceeds %s', (text, expected) => {
  expect(excess(text)).toBe(expected)
})
