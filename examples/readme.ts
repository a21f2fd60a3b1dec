import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

/** The workspace, in which the commands of a README run. */
export const root = join(import.meta.dirname, '..')
const prefix = 'npx --yes pnpm@12 example '

/** The blocks of one language in the README of an example, in order. */
export async function readmeBlocks(example: string, language: string): Promise<string[]> {
  const text = await readFile(join(root, 'examples', example, 'README.md'), 'utf8')
  return [...text.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, of, block = '']) =>
    of === language ? block : [],
  )
}

/** The arguments for `node` of each command in a block. All commands have to be `pnpm example …`. */
export function exampleCommands(block: string): string[][] {
  return block
    .trim()
    .split('\n')
    .map((line) => {
      if (!line.startsWith(prefix)) throw new Error(`The README has a command that nothing tests: ${line}`)
      return line
        .slice(prefix.length)
        .replace(/\s+#.*/, '')
        .split(' ')
    })
}

/** Runs `node` with these arguments, and returns its output. */
export async function runNode(words: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, env, timeout: 60_000 })
  return stdout
}

/** The environment of a new user, with an empty store, cache and configuration folder. */
export async function newcomer(): Promise<NodeJS.ProcessEnv & { HOME: string }> {
  const HOME = await mkdtemp(join(tmpdir(), 'trackway-example-'))
  onTestFinished(() => rm(HOME, { recursive: true, force: true }))
  return { HOME, PATH: process.env['PATH'], TRACKWAY_STORE: join(HOME, 'store') }
}
