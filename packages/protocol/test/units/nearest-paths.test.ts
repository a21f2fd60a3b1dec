import { expect, test } from 'vitest'
import { nearestPaths } from '../../src/nearest-paths.ts'

test.each([
  ['Train/A.csv', ['train/a.csv', 'test/a.csv']],
  ['a.csv', ['test/a.csv', 'train/a.csv']],
  ['train/', ['train/a.csv']],
  ['test/b.cvs', ['test/b.csv']],
  ['notes.md', []],
])('the paths nearest to %s are %j', (path, near) => {
  expect(nearestPaths(path, ['test/a.csv', 'test/b.csv', 'train/a.csv'])).toEqual(near)
})
