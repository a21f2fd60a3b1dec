import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { codeBlocksOf, type CodeBlock } from './docs/code-blocks.ts'
import { createCommandCheck } from './docs/known-commands.ts'
import { shellCommandsOf } from './docs/shell-commands.ts'
import { typeCheck } from './docs/type-check.ts'

// Checks every code block of the pages against the code. CONTRIBUTING.md says how to write them.
const pages = globSync(['*.md', 'packages/*/README.md', 'examples/*/README.md', 'docs/**/*.md'], {
  exclude: (path) => /(^|\/)(node_modules|\.[^/]*)$|^docs\/api(\/|$)/.test(path),
}).toSorted()
const blocks = pages.flatMap(codeBlocksOf)

const typescript = ['ts', 'js']
const shell = ['sh', 'bash']
const json = ['json', 'jsonc']
/** The languages that are not checked here, and why. */
const unchecked: Record<string, string> = {
  '': 'drawings, and stored data, which the tests of the format read',
  text: 'output of programs: the walk-through of the protocol is compared with the real output',
  html: 'pages for browsers: browser tests run those that matter',
  nginx: 'configuration of another program, which was tested by hand',
}

const inLanguages = (languages: readonly string[]) =>
  blocks.filter(({ language }) => languages.includes(language))
const at = ({ page, line }: CodeBlock, offset = 0) => `${page}:${line + offset}`

test('every block is in a language that is checked, or that does not have to be', () => {
  const known = new Set([...typescript, ...shell, ...json, 'python', ...Object.keys(unchecked)])
  const strange = blocks.filter(({ language }) => !known.has(language))
  expect(
    strange.map(
      (block) => `${at(block)}: nothing checks ${block.language}; decide in tools/checks/doc-blocks.test.ts`,
    ),
  ).toEqual([])
})

test('blocks of TypeScript compile with the built packages', async () => {
  const checked = inLanguages(typescript)
  expect(checked.length).toBeGreaterThan(4)
  expect(await typeCheck(checked)).toEqual([])
})

test('commands and scripts in shell blocks exist, and have the options used', async () => {
  expect(await checkCommands(inLanguages(shell))).toEqual([])
})

const check = createCommandCheck()

async function checkCommands(checked: readonly CodeBlock[]): Promise<string[]> {
  const problems = await Promise.all(
    checked.flatMap((block) =>
      shellCommandsOf(block.code).map(async ({ line, words }) => {
        const problem = await check(words, block.page)
        return problem === undefined ? [] : [`${at(block, line)}: ${words.join(' ')}: ${problem}`]
      }),
    ),
  )
  return problems.flat()
}

test('blocks of JSON can be parsed', () => {
  const problems = inLanguages(json).flatMap((block) => {
    const code = block.language === 'jsonc' ? withoutComments(block.code) : block.code
    try {
      JSON.parse(code)
      return []
    } catch (error) {
      return [`${at(block)}: ${String(error)}`]
    }
  })
  expect(problems).toEqual([])
})

/** Removes comments, but not text in strings that looks like one. */
function withoutComments(code: string): string {
  return code.replaceAll(/("(?:[^"\\]|\\.)*")|\/\/.*|\/\*[\s\S]*?\*\//g, (_, text?: string) => text ?? '')
}

test('blocks of Python can be parsed', ({ skip }) => {
  const checked = inLanguages(['python'])
  const program = 'import ast, json, sys\nfor at, code in json.load(sys.stdin): ast.parse(code, at)'
  const input = JSON.stringify(checked.map((block) => [at(block), block.code]))
  const { error, stderr } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' })
  if (error !== undefined) return skip('there is no Python here')
  expect(stderr).toBe('')
})

const wrongPage = `
\`\`\`ts
const url = await artifact.entry('train.csv').url({ expiresInSecond: 60 })
const session = await login()
session.nothing()
\`\`\`

<!-- given: import { login } from '@trackway/sdk'
const session = await login() -->

\`\`\`ts
const user: number = session.user
\`\`\`

Then:

<!-- continues -->
\`\`\`ts
user.nothing()
\`\`\`

\`\`\`ts
import { nothing } from '@trackway/protocol'
console.log(session)
\`\`\`

\`\`\`sh
trackway-server keys ad --user ada # --nothing
TRACKWAY_STORE=. trackway-server keys add --store <a folder> --usr ada | cat
echo "in $(trackway-server gc \\
  --dryrun)"
cat > file <<END
trackway-server nothing
END
npx --yes pnpm@12 benchh && npx --yes pnpm@12 bench --quik --only <case>
npx --yes pnpm@12 exec trackway-server serve --prt=9
npx --yes pnpm@12 serve --prt 9
trackway-nothing --store x
bash tools/s3-servers/nothing.sh
\`\`\`
`

test('problems on a page are reported with their lines', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-page-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const page = join(folder, 'page.md')
  await writeFile(page, wrongPage)
  const all = codeBlocksOf(page)
  const problems = [
    ...(await typeCheck(all.filter(({ language }) => language === 'ts'))),
    ...(await checkCommands(all.filter(({ language }) => language === 'sh'))),
  ]
  expect(problems.map((text) => text.slice(page.length + 1))).toEqual(
    [
      /^3: .*'expiresInSecond' does not exist/,
      /^5: .*'nothing' does not exist on type 'Session'/,
      /^12: .*'string' is not assignable to type 'number'/,
      /^19: .*'nothing' does not exist on type 'number'/,
      /^23: .*no exported member 'nothing'/,
      /^24: .*Cannot find name 'session'/,
      /^28: .*trackway-server keys has no command ad, but add, list, revoke/,
      /^29: .*trackway-server keys add has no option --usr, but .*--user/,
      /^30: .*trackway-server gc has no option --dryrun, but .*--dry-run/,
      /^35: .*there is no script benchh, but .*bench/,
      /^35: .*the script bench has no option --quik, but --quick/,
      /^36: .*trackway-server serve has no option --prt, but .*--port/,
      /^37: .*trackway-server serve has no option --prt, but .*--port/,
      /^38: .*no package has a command trackway-nothing, but .*trackway-server/,
      /^39: .*there is no file tools\/s3-servers\/nothing.sh/,
    ].map((pattern) => expect.stringMatching(pattern)),
  )
})
