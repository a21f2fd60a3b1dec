import { expect, test } from 'vitest'
import { unsupportedNames } from '../../src/disk/staging/unsupported-names.ts'

test('names that a target cannot hold are reported with the reason', () => {
  const insensitive = { caseSensitive: false, windows: false }
  const paths = ['A.txt', 'a.txt', 'b/c', 'B', 'fine/x', 'FINE/y']
  expect(unsupportedNames(paths, insensitive).map(({ path }) => path)).toEqual(['a.txt', 'b/c'])
  expect(unsupportedNames(paths, { caseSensitive: true, windows: false })).toEqual([])
  const windows = { caseSensitive: false, windows: true }
  const refused = ['con', 'sub/NUL.txt', 'a:b', 'dot.', 'what?', 'space /x']
  expect(unsupportedNames(['fine', ...refused, 'console'], windows).map(({ path }) => path)).toEqual(refused)
})
