import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bugs } from './planted-bugs/bugs.ts'

test.each(bugs)('the planted bug "$name" fits the sources', ({ changes }) => {
  for (const { file, find } of changes) {
    const pieces = readFileSync(`packages/${file}`, 'utf8').split(find)
    expect(pieces, `'${find}' occurs once in packages/${file}`).toHaveLength(2)
  }
})
