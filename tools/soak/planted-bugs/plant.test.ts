import { expect, test } from 'vitest'
import { bugs, type PlantedBug } from './bugs.ts'
import { always, removed, type Change } from './change.ts'
import { checkBugs } from './check-bugs.ts'
import { plant, readSources } from './plant.ts'

const path = 'packages/server/src/a.ts'

function bugIn(rule: string, change: Change): PlantedBug {
  return { name: 'a mistake', breaks: { [rule]: change }, caughtBy: 'sweeps', cases: 1 }
}

function planted(source: string, change: Change): string | undefined {
  return plant(new Map([[path, source]]), bugIn('it holds', change)).get(path)
}

test('a change affects the statement, property or element below the comment', () => {
  expect(planted('// Rule: it holds.\nif (a(b) > 1) c()\nd()\n', always)).toContain('if (true) c()\nd()')
  expect(planted('f({\n  // Rule: it holds.\n  ...(a && { b }),\n  c,\n})\n', removed)).toMatch(
    /holds\.\s+c,/,
  )
  expect(planted('f([\n  // Rule: it holds.\n  a(b),\n  c,\n])\n', ({ code }) => `not(${code})`)).toContain(
    '  not(a(b)),',
  )
})

test('a bug whose comment is missing, occurs twice or marks no such code cannot be planted, and says so', () => {
  const twice = '// Rule: it holds.\na()\n// Rule: it holds.\nb()\n'
  expect(() => planted('a()\n', removed)).toThrow(
    "'a mistake' cannot be planted: no source has the comment '// Rule: it holds.'",
  )
  expect(() => planted(twice, removed)).toThrow(`more than one place has (${path}, ${path}) the comment`)
  expect(() => planted('// Rule: it holds.\na()\n', always)).toThrow(`at '// Rule: it holds.' in ${path}`)
})

test('a bug that does not compile is refused by its name', async () => {
  const root = process.cwd()
  const [rule = ''] = Object.keys(bugs[0]?.breaks ?? {})
  const checked = checkBugs(root, await readSources(root), [bugIn(rule, () => 'thereIsNoSuchName()')])
  await expect(checked).rejects.toThrow(/^Planted bugs do not compile:\n'a mistake'\(.*thereIsNoSuchName/)
})
