import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { codeBlocksOf } from './docs/code-blocks.ts'

const execute = promisify(execFile)

/** The blocks of a page in a language, in order. */
function blocksOf(page: string, language: string): string[] {
  return codeBlocksOf(page)
    .filter((block) => block.language === language)
    .map(({ code }) => `${code}\n`)
}

/** Runs code blocks as a user's scripts, one after the other, in a folder that can import the packages. */
async function runScripts(codes: readonly string[], files: Record<string, string> = {}): Promise<string[]> {
  const folder = await mkdtemp(join('packages', 'mock-server', '.readme-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: join(process.cwd(), folder) }
  const outputs: string[] = []
  for (const code of codes) {
    await writeFile(join(folder, 'script.mjs'), code)
    const { stdout } = await execute('node', ['script.mjs'], { cwd: folder, env, timeout: 20_000 })
    outputs.push(stdout)
  }
  return outputs
}

test('the program of the README prints the output shown there, and sends nothing the second time', async () => {
  const [program = ''] = blocksOf('README.md', 'ts')
  const [shown] = blocksOf('README.md', 'text')
  const [first, second] = await runScripts([program, program], { 'data/train.csv': 'a,b\n1,2\n' })
  expect(first).toBe(shown)
  expect(second).toBe('dataset/sample:V1, 0 bytes sent\ntrue\n')
})

test('the programs of the guide make V1 and V2, read them back, find V2 in the assets directory, and delete V1', async () => {
  const data = { 'data/train.csv': 'a,b\n1,2\n', 'data/old.csv': 'old' }
  const programs = blocksOf('docs/guide.md', 'ts')
  expect(programs).toHaveLength(6)
  const [first = '', pushed = '', elsewhere = '', fetched = '', kept = '', tested] = await runScripts(
    programs,
    data,
  )
  expect(first).toMatch(/^V1\n/)
  expect(first).toContain("tag: 'V2'")
  expect(first).toMatch(/ 8 .*v1\n$/)
  expect(pushed).toBe("[ 'V1 is V1, new', 'V2 is V2, new' ]\n")
  expect(elsewhere).toBe('228813984 0 https://data.example.org/flowers/2026/images.tar\n')
  expect(fetched).toMatch(/V2\/labels\.json\n/)
  expect(fetched).toContain("[ 'sample:V2 has 2 files' ]")
  expect(kept).toMatch(/0 versions would go and free 0 bytes\n$/)
  expect(tested).toBe('a,b\n1,2\n\n2\n')
})
