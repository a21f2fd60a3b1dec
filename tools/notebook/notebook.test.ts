import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { executeNotebook, notebookFile, shownBy } from './execute-notebook.ts'
import { contentOf, isProgress, type Cell, type Notebook, type Output } from './notebook.ts'
import { findPrograms } from './programs.ts'

const programs = await findPrograms()

test('the notebook runs, and its outputs match those in the repository', async ({ skip }) => {
  if ('missing' in programs) {
    if (process.env['CI'] !== 'true') return skip(`no ${programs.missing}`)
    throw new Error(`In CI the notebook has to run; there is no ${programs.missing}`)
  }
  const { notebook, updates } = await executeNotebook(programs)
  expect(resultOf(notebook, 'dataset\n')).toMatch(
    /^artifact dataset\/vega not uploaded yet\n.*<table.*<details>/s,
  )
  expect(resultOf(notebook, 'uploadArtifact(dataset)')).toMatch(
    /^version dataset\/vega:V1 is new\n.*<strong/s,
  )
  expect(resultOf(notebook, 'uploadArtifact(next)')).toMatch(/ {2}sent +1\.4 MB\n {2}reused +41\.2 MB\n/)
  expect(resultOf(notebook, 'diff(')).toMatch(/1 added, 1 removed, 1 changed, 71 unchanged\n.*<table/s)
  expect(resultOf(notebook, 'verify(')).toContain('bit for bit')

  // The bar was updated in place and left a line.
  expect(updates.some((count) => count > 0)).toBe(true)
  const bar = outputsOf(notebook).find(isProgress)
  expect(bar && contentOf(bar)).toMatch(/^(Up|Down)loading dataset\/vega.*: 100 % · 42\.6 MB of 42\.6 MB/)
  expect(bar && contentOf(bar, 'text/html')).toContain('100 %')

  const committed: Notebook = JSON.parse(await readFile(notebookFile, 'utf8'))
  expect(shownBy(committed), 'npx --yes pnpm@12 notebook updates it').toEqual(shownBy(notebook))
})

function outputsOf({ cells }: Notebook): Output[] {
  return cells.flatMap(({ outputs = [] }) => outputs)
}

/** The result of the cell that ends with a call, as text and HTML. */
function resultOf({ cells }: Notebook, words: string): string {
  const isMeant = ({ cell_type, source }: Cell) =>
    cell_type === 'code' && `${source.at(-1)}\n`.includes(words) && `${source.at(-1)}`.trim() !== ''
  const result = cells.find(isMeant)?.outputs?.find(({ output_type }) => output_type === 'execute_result')
  return result === undefined ? '' : contentOf(result) + contentOf(result, 'text/html')
}
