import { sha256 } from '@trackway/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeEntries, type Mergeable } from '../../src/artifact/merge.ts'

// Few paths and few contents, so that both sides meet often; some paths would need others as their folders.
const paths = ['a', 'b', 'a/x', 'a/y', 'c/d', 'c/d/e']
const contents = ['1', '2', '3'].map((text) => sha256(new TextEncoder().encode(text)))

function isPossible(entries: Mergeable[]): boolean {
  return !entries.some((file) => entries.some((other) => other.path.startsWith(`${file.path}/`)))
}

const versions = fc
  .uniqueArray(
    fc.record({
      path: fc.constantFrom(...paths),
      digest: fc.constantFrom(...contents),
      executable: fc.boolean(),
    }),
    { selector: (entry) => entry.path },
  )
  .filter(isPossible)

function merge(base: Mergeable[], ours: Mergeable[], theirs: Mergeable[]) {
  const { merged, conflicts } = mergeEntries(base, ours, theirs)
  return { merged: toObject([...merged.values()]), conflicts }
}

function toObject(entries: Mergeable[]): Record<string, Mergeable> {
  return Object.fromEntries(entries.map((entry) => [entry.path, entry]))
}

function same(a: Mergeable | undefined, b: Mergeable | undefined): boolean {
  return a?.digest === b?.digest && a?.executable === b?.executable
}

test('a side that changed nothing adopts the other one', () => {
  fc.assert(
    fc.property(versions, versions, (base, changed) => {
      expect(merge(base, base, changed)).toEqual({ merged: toObject(changed), conflicts: [] })
      expect(merge(base, changed, base)).toEqual({ merged: toObject(changed), conflicts: [] })
      expect(merge(base, changed, changed)).toEqual({ merged: toObject(changed), conflicts: [] })
    }),
  )
})

test('it does not matter which side is ours', () => {
  fc.assert(
    fc.property(versions, versions, versions, (base, ours, theirs) => {
      const one = merge(base, ours, theirs)
      const other = merge(base, theirs, ours)
      expect(other.conflicts).toEqual(one.conflicts)
      if (one.conflicts.length === 0) expect(other.merged).toEqual(one.merged)
    }),
  )
})

test('without a conflict the changes of both sides survive, and nothing else changes', () => {
  fc.assert(
    fc.property(versions, versions, versions, (base, ours, theirs) => {
      const { merged, conflicts } = merge(base, ours, theirs)
      const [old, our, their] = [toObject(base), toObject(ours), toObject(theirs)]
      for (const path of paths.filter((each) => !conflicts.includes(each))) {
        const expected = same(our[path], old[path]) ? their[path] : our[path]
        expect(merged[path]).toEqual(expected)
      }
    }),
  )
})

test('there is a conflict exactly where both changed a path differently or a file is also a folder', () => {
  fc.assert(
    fc.property(versions, versions, versions, (base, ours, theirs) => {
      const { merged, conflicts } = merge(base, ours, theirs)
      const [old, our, their] = [toObject(base), toObject(ours), toObject(theirs)]
      const changedTwice = paths.filter(
        (path) =>
          !same(our[path], old[path]) && !same(their[path], old[path]) && !same(our[path], their[path]),
      )
      const clash = !isPossible(Object.values(merged))
      expect(conflicts.length > 0).toBe(changedTwice.length > 0 || clash)
      expect(changedTwice.every((path) => conflicts.includes(path))).toBe(true)
    }),
  )
})
