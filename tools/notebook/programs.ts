import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** The programs that execute a notebook. */
export interface NotebookPrograms {
  /** A Python with Jupyter's client. */
  python: string
  /** Deno, whose kernel the notebook uses. */
  deno: string
}

/** Finds the programs that PYTHON and DENO name or `install.sh` installs, or says what is missing. */
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
  return { missing: `${missing.join(' and ')} (bash tools/notebook/install.sh installs what is missing)` }
}

/** Where install.sh installs Deno. XDG_CACHE_HOME is ignored, since each test file has its own. */
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
