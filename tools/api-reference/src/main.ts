// Writes docs/api from the docstrings of the packages; with --check, only reports missing ones.
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { generate } from './generate.ts'

const { check } = parseArgs({ options: { check: { type: 'boolean' } } }).values
const root = resolve(import.meta.dirname, '../../..')
const target = join(root, 'docs/api')
const made = await mkdtemp(check ? join(tmpdir(), 'trackway-api-') : join(root, 'docs/.api-'))
try {
  const isSound = await generate({ root, folder: made })
  if (!isSound) process.exitCode = 1
  else if (!check) await replace()
} finally {
  await rm(made, { recursive: true, force: true })
}

async function replace(): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await rename(made, target)
  const items = await readdir(target, { recursive: true, withFileTypes: true })
  console.log(`Wrote ${items.filter((item) => item.isFile()).length} pages to docs/api.`)
}
