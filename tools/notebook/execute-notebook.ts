import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { contentOf, isProgress, type Notebook, type Output } from './notebook.ts'
import type { NotebookPrograms } from './programs.ts'

const examples = resolve(import.meta.dirname, '../../examples')
/** The notebook of the examples. */
export const notebookFile = join(examples, 'notebook.ipynb')
/** How long a notebook may take, in seconds. */
const patience = 90

export interface Execution {
  /** The notebook with its new outputs, without anything that differs between machines. */
  notebook: Notebook
  /** How often each updatable display was updated. */
  updates: number[]
}

/** Executes the notebook of the examples in a temporary folder, with the built packages. */
export async function executeNotebook({ python, deno }: NotebookPrograms): Promise<Execution> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-notebook-'))
  try {
    const copy = await prepare(folder, deno)
    const script = join(import.meta.dirname, 'execute.py')
    const { stdout } = await promisify(execFile)(python, [script, copy, String(patience)], {
      env: clockAndIds(folder),
      timeout: (patience + 15) * 1000,
    })
    const notebook: Notebook = JSON.parse(await readFile(copy, 'utf8'))
    const updates: number[] = JSON.parse(stdout)
    return { notebook: withoutMachine(notebook, folder), updates }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Prepares a folder with the kernel and a copy of the notebook and its files. Returns the copy's path. */
async function prepare(folder: string, deno: string): Promise<string> {
  const configuration: { imports: Record<string, string> } = JSON.parse(
    await readFile(join(examples, 'deno.json'), 'utf8'),
  )
  for (const [name, path] of Object.entries(configuration.imports))
    configuration.imports[name] = pathToFileURL(resolve(examples, path)).href
  await writeFile(join(folder, 'deno.json'), JSON.stringify(configuration))
  await symlink(join(examples, 'quickstart'), join(folder, 'quickstart'))
  const kernel = join(folder, 'jupyter/kernels/deno')
  await mkdir(kernel, { recursive: true })
  const argv = [deno, 'jupyter', '--kernel', '--conn', '{connection_file}']
  await writeFile(
    join(kernel, 'kernel.json'),
    JSON.stringify({ argv, display_name: 'Deno', language: 'typescript' }),
  )
  const copy = join(folder, 'notebook.ipynb')
  await copyFile(notebookFile, copy)
  return copy
}

/** The environment without Trackway's variables, and with all caches and configuration in the folder. */
function clockAndIds(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TRACKWAY_'))
  return {
    ...Object.fromEntries(kept),
    NO_COLOR: '1',
    DENO_DIR: join(folder, 'deno'),
    JUPYTER_PATH: join(folder, 'jupyter'),
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_CONFIG_HOME: join(folder, 'config'),
  }
}

/** Makes the notebook independent of machine and date: no folders, user, run, times or speeds of its own. */
function withoutMachine(notebook: Notebook, folder: string): Notebook {
  const outputs = notebook.cells.flatMap((cell) => cell.outputs ?? [])
  const [, run = ''] = /Trackway run (\S+)/.exec(outputs.map((output) => contentOf(output)).join('\n')) ?? []
  const rules: [RegExp, string][] = [
    [literally(folder), '/home/ada/trackway/examples'],
    [new RegExp(`(?<=[>\\s])${escape(userInfo().username)}(?=[<\\s]|$)`, 'g'), 'ada'],
    [literally(run), 'sable-life-1'],
    [/\d{4}-\d\d-\d\d \d\d:\d\d/g, '2026-05-04 09:30'],
    [/ · [\d.]+ [kMG]?B\/s/g, ''],
  ]
  const clean = (text: string) => rules.reduce((result, [from, to]) => result.replace(from, to), text)
  for (const output of outputs) cleanOutput(output, clean)
  return notebook
}

function cleanOutput({ text, data = {} }: Output, clean: (line: string) => string): void {
  for (const lines of [text, ...Object.values(data)]) lines?.splice(0, lines.length, ...lines.map(clean))
}

function literally(text: string): RegExp {
  return new RegExp(escape(text), 'g')
}

function escape(text: string): string {
  return text.replace(/[^\w]/g, '\\$&')
}

/** The outputs of the cells, each as text and HTML, without progress. */
export function shownBy({ cells }: Notebook): string[][] {
  return cells.map(({ outputs = [] }) =>
    outputs
      .filter((output) => !isProgress(output))
      .map((output) => contentOf(output) + contentOf(output, 'text/html')),
  )
}
