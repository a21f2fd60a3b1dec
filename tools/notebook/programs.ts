import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** What executes a notebook. */
export interface NotebookPrograms {
  /** A Python that has Jupyter's client. */
  python: string
  /** Deno, whose kernel the notebook has. */
  deno: string
}

/** Finds what `tools/notebook/install.sh` brings, or what the variables PYTHON and DENO name; else says what is missing. */
export async function findPrograms(): Promise<NotebookPrograms | { missing: string }> {
  const python = await findRunning(
    [process.env['PYTHON'] ?? 'python3', '/usr/bin/python3'],
    ['-c', 'import jupyter_client, nbformat'],
  )
  const deno = await findRunning(
    [process.env['DENO'] ?? join(cache(), 'deno/node_modules/.bin/deno')],
    ['--version'],
  )
  if (python !== undefined && deno !== undefined) return { python, deno }
  const missing = [
    ...(python === undefined ? ['a Python with jupyter_client and nbformat'] : []),
    ...(deno === undefined ? ['Deno'] : []),
  ]
  return { missing: `${missing.join(' and ')} (bash tools/notebook/install.sh brings what is missing)` }
}

/** Where install.sh puts Deno. The user's own cache folder is not asked for: each test file has another. */
function cache(): string {
  return process.env['TRACKWAY_NOTEBOOK_CACHE'] || join(homedir(), '.cache/trackway-notebook')
}

async function findRunning(programs: readonly string[], words: string[]): Promise<string | undefined> {
  for (const program of programs) {
    const runs = await execute(program, words, { timeout: 20_000 }).then(
      () => true,
      () => false,
    )
    if (runs) return program
  }
  return undefined
}
