import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, temporaryFolder } from './server-command.ts'

test('keys are made, listed without their secrets, and revoked', async () => {
  const folder = await temporaryFolder()
  const flags = ['--user', 'ada', '--team', 'vision', 'nlp', '--role', 'read', '--name', 'a notebook']
  const made = await run('keys', 'add', '--create', '--store', folder, ...flags)
  const key = /tw_\S+/.exec(made.output)?.[0] ?? ''
  expect(made.output).toMatch(/^[0-9a-f]{12}  a notebook  ada   vision:read,nlp:read  \S+  never$/m)
  await run(
    'keys',
    'add',
    '--store',
    folder,
    '--user',
    'grace',
    '--team',
    '*',
    '--role',
    'admin',
    '--expires',
    '90d',
  )

  const listed = await run('keys', 'list', '--store', folder)
  const lines = listed.output.trimEnd().split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toBe('ID            NAME        USER   TEAM:ROLE             CREATED     EXPIRES')
  const today = new Date().toISOString().slice(0, 4)
  expect(listed.output).toMatch(
    new RegExp(`^[0-9a-f]{12}              grace  \\*:admin               ${today}-..-..  ....-..-..$`, 'm'),
  )
  expect(listed.output).not.toContain(key)

  const { keys } = JSON.parse((await run('keys', 'list', '--store', folder, '--json')).output)
  expect(keys).toHaveLength(2)
  expect(keys).toContainEqual({
    id: expect.stringMatching(/^[0-9a-f]{12}$/),
    name: 'a notebook',
    user: 'ada',
    roles: { vision: 'read', nlp: 'read' },
    createdAt: expect.any(String),
    expiresAt: null,
  })
  for (const { id } of keys) expect((await run('keys', 'revoke', '--store', folder, id)).code).toBe(0)
  expect((await run('keys', 'list', '--store', folder)).output).toContain(
    'There are no API keys in the folder',
  )
  expect(await run('keys', 'revoke', '--store', folder, keys[0].id)).toMatchObject({
    code: 1,
    output: expect.stringContaining('not_found'),
  })
})

test('the name of a key is one short line, in any script', async () => {
  const words = ['keys', 'add', '--create', '--store', await temporaryFolder(), '--user', 'ada', '--name']
  for (const name of ['two\nlines', 'a\u001b[31mb', 'x'.repeat(201)]) {
    const { code, output } = await run(...words, name)
    expect(code).toBe(1)
    expect(output).toContain('The name of an API key must be one line of at most 200 characters')
  }
  const [, titles = '', row = ''] = (await run(...words, '日本')).output.split('\n')
  // Each of the two takes two columns of a terminal.
  expect(row.indexOf('ada') + 2).toBe(titles.indexOf('USER'))
})

test('with --json, programs can read what was made', async () => {
  const words = ['keys', 'add', '--create', '--store', await temporaryFolder(), '--user', 'ada', '--json']
  expect(JSON.parse((await run(...words, '--expires', '2099-12-31')).output)).toMatchObject({
    key: expect.stringMatching(/^tw_/),
    user: 'ada',
    roles: { default: 'write' },
    expiresAt: '2099-12-31T23:59:59.999Z',
  })
})

test.each([
  ['90 days', 'Give how long it is valid'],
  ['2099-02-30', 'Give how long it is valid'],
  ['0d', 'The key would already be expired'],
  ['2020-01-01', 'The key would already be expired'],
])('the end %s is refused', async (end, problem) => {
  const { code, output } = await run('keys', 'add', '--store', 'x', '--user', 'ada', '--expires', end)
  expect(code).toBe(1)
  expect(output).toContain(problem)
})

test.each([['add', '--user', 'ada'], ['list'], ['revoke', '0123456789ab']])(
  'keys %s makes no store of a place that holds none',
  async (...words) => {
    const empty = await temporaryFolder()
    for (const location of [empty, join(empty, 'misspelt')]) {
      const { code, output } = await run('keys', ...words, '--store', location)
      expect(code).toBe(1)
      expect(output).toContain('There is no Trackway store in the folder')
      expect(output).not.toContain('tw_')
    }
    expect(await readdir(empty)).toEqual([])
  },
)
