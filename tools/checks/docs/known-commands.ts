import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod'
import { commandsOfHelp, optionsOfHelp } from './help-text.ts'

const packageSchema = z.object({
  bin: z.record(z.string(), z.string()).default({}),
  scripts: z.record(z.string(), z.string()).default({}),
})

/** Commands of pnpm itself that pages use. */
const pnpmWords = new Set([
  'add',
  'audit',
  'create',
  'dlx',
  'init',
  'install',
  'link',
  'pack',
  'publish',
  'why',
])

/** Returns what is wrong with a command of ours; undefined if nothing is, or if it is not our command. */
export type CheckCommand = (words: readonly string[], page: string) => Promise<string | undefined>

/**
 * Checks command lines: scripts against package.json, their options against the file that they run, and
 * commands of packages against their `--help`.
 */
export function createCommandCheck(): CheckCommand {
  const bins = new Map(globSync('packages/*/package.json').flatMap(binsOf))
  const helps = new Map<string, Promise<Map<string, string>>>()

  const check: CheckCommand = async (words, page) => {
    const [program = '', ...rest] = words
    if (program === 'npx') return checkNpx(rest, page)
    if (/^pnpm(@|$)/.test(program)) return checkPnpm(rest, page)
    if (['node', 'bash', 'sh'].includes(program)) return checkFile(rest, page)
    if (!/^trackway\b/.test(program)) return undefined
    const bin = bins.get(program)
    if (bin === undefined) return `no package has a command ${program}, but ${[...bins.keys()].join(', ')}`
    return checkBin(bin, rest)
  }

  function checkNpx(words: readonly string[], page: string) {
    const first = words.findIndex((word) => !word.startsWith('-'))
    const program = words[first] ?? ''
    // Other programs come from the registry.
    const isOurs = /^(pnpm(@|$)|trackway\b)/.test(program)
    return isOurs ? check(words.slice(first), page) : Promise.resolve(undefined)
  }

  async function checkPnpm(
    [word = '', ...rest]: readonly string[],
    page: string,
  ): Promise<string | undefined> {
    if (word === 'exec' || word === 'dlx') return check(rest, page)
    if (word === 'run') return checkPnpm(rest, page)
    if (word.startsWith('-') || pnpmWords.has(word)) return undefined
    const scripts = { ...scriptsOf('package.json'), ...scriptsOf(join(dirname(page), 'package.json')) }
    const script = Object.hasOwn(scripts, word) ? scripts[word] : undefined
    if (script === undefined) return `there is no script ${word}, but ${Object.keys(scripts).join(', ')}`
    const [program = '', ...own] = script.split('&&').at(-1)?.trim().split(/\s+/) ?? []
    const file = own.find((each) => /\.(js|ts)$/.test(each)) ?? ''
    const ownWords = own.slice(own.indexOf(file) + 1)
    if (program !== 'node') return undefined
    const bin = [...bins.values()].find((path) => path === file)
    if (bin !== undefined) return checkBin(bin, [...ownWords, ...rest])
    if (!existsSync(file)) return undefined
    return unknownOptions(optionsOfFile(file), rest, `the script ${word}`)
  }

  async function checkBin(bin: string, words: readonly string[]): Promise<string | undefined> {
    const all = helps.get(bin) ?? askForHelp(bin)
    helps.set(bin, all)
    const known = await all
    const path: string[] = []
    const options = new Set<string>()
    for (;;) {
      const help = known.get(path.join(' ')) ?? ''
      for (const option of optionsOfHelp(help)) options.add(option)
      const commands = commandsOfHelp(help)
      const next = words[path.length]
      if (commands.length === 0 || next === undefined || next.startsWith('-')) break
      if (!commands.includes(next))
        return `${nameOf(bin, path)} has no command ${next}, but ${commands.join(', ')}`
      path.push(next)
    }
    return unknownOptions(options, words.slice(path.length), nameOf(bin, path))
  }

  return check
}

/** The help of a command and its subcommands, by their names after its own. */
async function askForHelp(bin: string): Promise<Map<string, string>> {
  const script = fileURLToPath(new URL('print-helps.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, bin])
  return new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(stdout))))
}

/** The options that a file reads with `parseArgs`. */
function optionsOfFile(file: string): Set<string> {
  const source = readFileSync(file, 'utf8')
  const read = source.matchAll(/^\s+'?([a-z][\w-]*)'?: \{ type: '(?:string|boolean)'/gm)
  return new Set([...read].map(([, name = '']) => `--${name}`))
}

function unknownOptions(
  options: ReadonlySet<string>,
  words: readonly string[],
  who: string,
): string | undefined {
  const given = words.filter((word) => /^--?[a-zA-Z]/.test(word)).map((word) => word.replace(/=.*$/s, ''))
  const unknown = given.find((option) => !options.has(option))
  return unknown && `${who} has no option ${unknown}, but ${[...options].join(', ')}`
}

/** Checks that a script exists in the repository, or in the folder of the page. */
function checkFile(words: readonly string[], page: string): Promise<string | undefined> {
  const file = words.find((word) => !word.startsWith('-')) ?? ''
  const isMeant = /^[\w./-]+\.(ts|js|mjs|sh)$/.test(file) && !file.startsWith('/')
  const isThere = !isMeant || existsSync(file) || existsSync(join(dirname(page), file))
  return Promise.resolve(isThere ? undefined : `there is no file ${file}`)
}

function binsOf(file: string): [string, string][] {
  const { bin } = readPackage(file)
  return Object.entries(bin).map(([name, path]) => [name, join(dirname(file), path)])
}

function scriptsOf(file: string): Record<string, string> {
  return existsSync(file) ? readPackage(file).scripts : {}
}

function readPackage(file: string) {
  return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

function nameOf(bin: string, path: readonly string[]): string {
  return [basename(bin, '.js'), ...path].join(' ')
}
