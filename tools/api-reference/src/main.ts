// Writes docs/api from the docstrings of the packages; with --check, says whether it is up to date.
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { generate } from './generate.ts'

const { check } = parseArgs({ options: { check: { type: 'boolean' } } }).values
const root = resolve(import.meta.dirname, '../../..')
const target = join(root, 'docs/api')
const made = await mkdtemp(check ? join(tmpdir(), 'trackway-api-') : join(root, 'docs/.api-'))
try {
  const isSound = await generate({ root, folder: made })
  if (!isSound) process.exitCode = 1
  else if (check) await compare()
  else await replace()
} finally {
  await rm(made, { recursive: true, force: true })
}

async function replace(): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await rename(made, target)
  console.log(`Wrote ${(await pagesIn(target)).size} pages into docs/api.`)
}

async function compare(): Promise<void> {
  const [wanted, found] = [await pagesIn(made), await pagesIn(target)]
  const all = [...new Set([...wanted.keys(), ...found.keys()])].sort()
  const different = all.filter((page) => wanted.get(page) !== found.get(page))
  for (const page of different) console.log(`docs/api/${page} is not what the docstrings say`)
  if (different.length === 0) return console.log('docs/api is what the docstrings say.')
  console.log('Run npx --yes pnpm@12 api-reference')
  process.exitCode = 1
}

/** The pages of a folder, by their paths; none where there is no folder. */
async function pagesIn(folder: string): Promise<Map<string, string>> {
  const pages = new Map<string, string>()
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const path = join(item.parentPath, item.name)
    if (item.isFile()) pages.set(relative(folder, path), await readFile(path, 'utf8'))
  }
  return pages
}
