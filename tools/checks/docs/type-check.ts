import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { CodeBlock } from './code-blocks.ts'

/** Names that a block without imports may use unless it declares them. */
const everyday = {
  login: "import { login } from '@trackway/sdk'",
  Artifact: "import { Artifact } from '@trackway/sdk'",
  session: "declare const session: import('@trackway/sdk').Session",
  run: "declare const run: import('@trackway/sdk').Run",
  artifact: "declare const artifact: import('@trackway/sdk').Artifact",
}
/** A folder from which all packages can be imported, for pages outside of any package. */
const anyPackage = 'packages/mock-server'
const compiler = 'node_modules/.bin/tsc'

interface Line {
  page: string
  line: number
}

/** A file for the compiler, and the origin of each of its lines. */
interface Module {
  folder: string
  code: string
  origins: Line[]
}

/** The compiler's errors for TypeScript blocks, each as `page:line: what`. One process checks all blocks. */
export async function typeCheck(blocks: readonly CodeBlock[]): Promise<string[]> {
  const modules = modulesOf(blocks)
  const folders = new Map<string, string>()
  try {
    const files = new Map<string, Module>()
    for (const [index, module] of modules.entries()) {
      const folder = folders.get(module.folder) ?? (await mkdtemp(join(module.folder, '.doc-blocks-')))
      folders.set(module.folder, folder)
      const file = join(folder, `block-${index}.mts`)
      await writeFile(file, module.code)
      files.set(resolve(file), module)
    }
    return explain(await compile([...files.keys()], folders.get(anyPackage) ?? anyPackage), files)
  } finally {
    for (const folder of folders.values()) await rm(folder, { recursive: true, force: true })
  }
}

/** Makes a module of each block. A block that continues the previous one is appended to its module. */
function modulesOf(blocks: readonly CodeBlock[]): Module[] {
  const modules: Module[] = []
  for (const [index, block] of blocks.entries()) {
    const before = modules.at(-1)
    const isNext = blocks[index - 1]?.page === block.page
    if (block.given !== 'continues') modules.push(moduleOf(block))
    else if (before === undefined || !isNext)
      throw new Error(`${block.page}:${block.line}: this block continues, but there is no block before it`)
    else append(before, block.code, block, { advances: true })
  }
  return modules
}

function moduleOf({ given, ...block }: CodeBlock): Module {
  const module: Module = { folder: folderOf(block.page), code: '', origins: [] }
  if (typeof given === 'object') append(module, given.code, { page: block.page, line: given.line })
  else if (!/^import /m.test(block.code)) append(module, everydayFor(block.code), block, { advances: false })
  append(module, block.code, block)
  // Makes the file a module, so that it may use top-level await and its declarations are local.
  append(module, 'export {}', block, { advances: false })
  return module
}

function everydayFor(code: string): string {
  const isDeclared = (name: string) =>
    new RegExp(String.raw`\b(?:const|let|var|using|class|function)\b[^=;)\n]*\b${name}\b`).test(code)
  const lines = Object.entries(everyday).filter(([name]) => !isDeclared(name))
  return lines.map(([, line]) => line).join('\n')
}

function append(module: Module, code: string, { page, line }: Line, { advances = true } = {}): void {
  module.code += `${code}\n`
  for (const index of code.split('\n').keys())
    module.origins.push({ page, line: advances ? line + index : line })
}

/** The folder whose dependencies a page may import. */
function folderOf(page: string): string {
  const folder = dirname(page)
  return folder !== '.' && existsSync(join(folder, 'package.json')) ? folder : anyPackage
}

async function compile(files: readonly string[], folder: string): Promise<string> {
  const compilerOptions = {
    // Use the built packages, as users do.
    customConditions: [],
    composite: false,
    declaration: false,
    declarationMap: false,
    noEmit: true,
    allowImportingTsExtensions: true,
  }
  const config = join(folder, 'tsconfig.json')
  await writeFile(config, JSON.stringify({ extends: resolve('tsconfig.base.json'), compilerOptions, files }))
  return new Promise((done, fail) => {
    execFile(compiler, ['-p', config, '--pretty', 'false'], (error, stdout) => {
      if (error !== null && stdout === '') fail(error)
      else done(stdout)
    })
  })
}

function explain(output: string, files: ReadonlyMap<string, Module>): string[] {
  return output.split('\n').flatMap((text) => {
    const [, file = '', line, problem] = /^(\S.*)\((\d+),\d+\): (.*)$/.exec(text) ?? []
    if (problem === undefined) return text.trim() === '' ? [] : [`    ${text.trim()}`]
    const origin = files.get(resolve(file))?.origins[Number(line) - 1]
    return [`${origin?.page ?? file}:${origin?.line ?? line}: ${problem}`]
  })
}
