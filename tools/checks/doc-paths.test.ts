import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
const pages = files.filter((file) => file.endsWith('.md'))

/** Whether a path, or the end of one, is that of a file or folder in the repository. */
function exists(path: string): boolean {
  const name = `/${path.replace(/^\.?\/|\/$/g, '')}`
  return files.some((file) => `/${file}`.endsWith(name) || `/${file}`.includes(`${name}/`))
}

/** The lines of a page outside code blocks, with their numbers. */
function linesOf(page: string): { where: string; text: string }[] {
  let isCode = false
  return readFileSync(page, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      if (/^ *(```|~~~)/.test(text)) isCode = !isCode
      return isCode ? [] : { where: `${page}:${index + 1}`, text }
    })
}

const sourcePath = /^((packages|tools|examples|docs|\.ci)\/[\w./-]+|[\w./-]+\.(ts|mjs|sh|py))$/
const folderOfTable = /^[a-z]+\/$/
/** What users have, or get from elsewhere. */
const notOurs = new Set(['train.mjs', 'packages/protocol/test/fixtures/sekien-akashita.jpg'])

/** The paths of sources that a page names in backticks. */
function namedPaths(page: string): { where: string; path: string }[] {
  return linesOf(page).flatMap(({ where, text }) =>
    [...text.matchAll(/`([^`\s]+)`/g)]
      .map(([, path = '']) => ({ where, path }))
      .filter(
        ({ path }) => sourcePath.test(path) || (page === 'docs/architecture.md' && folderOfTable.test(path)),
      )
      .filter(({ path }) => !notOurs.has(path)),
  )
}

test('every source that a page names exists', () => {
  const named = pages.flatMap(namedPaths)
  expect(named.length).toBeGreaterThan(100)
  expect(named.filter(({ path }) => !exists(path))).toEqual([])
})

test('every relative link of a page leads to a file', () => {
  const links = pages.flatMap((page) =>
    linesOf(page).flatMap(({ where, text }) =>
      [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link = '']) => ({
        where,
        path: posix.join(posix.dirname(page), link),
      })),
    ),
  )
  expect(links.length).toBeGreaterThan(100)
  expect(links.filter(({ path }) => !exists(path))).toEqual([])
})
