import { readFile } from 'node:fs/promises'
import type { Command, Option } from 'commander'
import { expect, test } from 'vitest'
import { exitCodeOf, exitCodes } from '../src/errors/exit-codes.ts'
import { createProgram } from '../src/program.ts'

const page = await readFile(new URL('../../../docs/command-line.md', import.meta.url), 'utf8')

let written = ''
const program = createProgram({
  input: process.stdin,
  out: (text) => void (written += text),
  tell() {},
  isRead: false,
  canAsk: false,
  hasColors: false,
  signal: new AbortController().signal,
  endedBy: () => undefined,
  endWith() {},
})

interface Leaf {
  /** Such as `trackway assets ls`. */
  path: string
  /** With its arguments. */
  title: string
  command: Command
}

/** All commands without subcommands, except the one that only shells call. */
function leavesOf(command: Command, path: string): Leaf[] {
  if (command.commands.length > 0)
    return command.commands.flatMap((each) => leavesOf(each, `${path} ${each.name()}`))
  if (command.name() === 'complete') return []
  const words = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? '...' : '')
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [{ path, title: [path, ...words].join(' '), command }]
}

const leaves = leavesOf(program, 'trackway')

/** The text below a heading, up to the next one. */
function sectionOf(heading: string): string {
  const [, rest] = page.split(`\n${heading}\n`)
  if (rest === undefined) throw new Error(`There is no heading ${heading}`)
  return rest.split(/\n##+ /)[0] ?? ''
}

/** The options in the first column of a table, without backticks. */
function optionsIn(section: string): string[] {
  return [...section.matchAll(/^\| `(-[^`]+)`/gm)].map(([, flags]) => flags ?? '')
}

const common = new Set(optionsIn(sectionOf('## What every command takes')))
const isCommon = ({ flags }: Option, path: string) => common.has(flags) && !/ (login|serve)$/.test(path)

test('the page lists every command with its arguments, and no others', () => {
  const documented = [...page.matchAll(/^### (`trackway .*)$/gm)].flatMap(([, titles]) =>
    (titles ?? '').split(', ').map((title) => title.replaceAll('`', '')),
  )
  expect(documented.sort()).toEqual(leaves.map(({ title }) => title).sort())
})

test.each(leaves.filter(({ path }) => !path.startsWith('trackway artifact')))(
  'the page lists every option of $path, and no others',
  ({ path, title, command }) => {
    const own = command.options.filter((option) => !isCommon(option, path)).map(({ flags }) => flags)
    const everywhere = new Set(['--json', '--quiet'])
    expect(optionsIn(sectionOf(`### \`${title}\``)).sort()).toEqual(
      own.filter((flags) => !everywhere.has(flags)).sort(),
    )
  },
)

test.each(leaves)('the help of $path fits in 80 columns, and shows examples', ({ command }) => {
  written = ''
  command.outputHelp()
  expect(written).toMatch(/^Usage: trackway [^\n]*\n[^]*\nExamples:\n[^]*trackway /)
  expect(written.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('the page lists the options that every command takes', () => {
  const upload = leaves.find(({ path }) => path === 'trackway upload')
  const flags = upload?.command.options.map((option) => option.flags) ?? []
  expect([...common].filter((each) => !flags.includes(each))).toEqual(['-h, --help'])
  for (const { path, command } of leaves) {
    if (/ (serve|completion)$/.test(path)) continue
    expect(command.options.map((option) => option.flags)).toEqual(
      expect.arrayContaining(['--json', '--quiet']),
    )
  }
})

test('the table of exit codes matches the program', () => {
  const rows = [...page.matchAll(/^\| (\d+) \| [^|]+ \|(.*)\|$/gm)].map(([, code, codes]) => ({
    code: Number(code),
    codes: [...(codes ?? '').matchAll(/`(\w+)`/g)].map(([, each]) => each).sort(),
  }))
  const actual = Object.values(exitCodes).map((code) => ({
    code,
    codes: Object.entries(exitCodeOf)
      .filter(([, each]) => each === code)
      .map(([each]) => each)
      .sort(),
  }))
  expect(rows).toEqual(actual)
})
