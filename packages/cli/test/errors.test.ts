import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { expect, test, vi } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

test('an error is one line with its code, or with --json one JSON document', async () => {
  const { run, folder } = await prepareShell()
  await writeFiles(folder, { 'a.txt': 'a' })
  await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  const { code, out, err } = await run(['show', 'dataset/simple'])
  expect({ code, out }).toEqual({ code: 3, out: '' })
  expect(err).toMatch(
    /^trackway: Reading dataset\/simple:latest: .*did you mean dataset\/sample\?.*\(not_found\)\n$/,
  )
  const json = await run(['show', 'dataset/simple', '--json'])
  expect(json).toMatchObject({ code: 3, out: '' })
  expect(JSON.parse(json.err)).toMatchObject({
    error: { code: 'not_found', exitCode: 3, details: { artifact: 'dataset/simple' } },
  })
})

test.each([
  { words: ['uplaod'], says: "unknown command 'uplaod'; did you mean upload?" },
  { words: ['ls', '--jsom'], says: "unknown option '--jsom'; did you mean --json?" },
  { words: ['upload', 'x', '--name', 'n'], says: 'the option --type <type> is required' },
  { words: ['upload', 'x'], says: 'the options --type <type> and --name <name> are required' },
  { words: ['upload', 'x', '--tpye', 'd', '--name', 'n'], says: "'--tpye'; did you mean --type?" },
  { words: ['artifact', 'upload', 'x', '--nmae', 'n'], says: "'--nmae'; did you mean --name?" },
  { words: ['push', 'dataset/x', '--too', './x'], says: "'--too'; did you mean --to?" },
  { words: ['serve', '--stor', './x'], says: "'--stor'; did you mean --store?" },
  { words: ['assets', 'lss'], says: "unknown command 'lss'; did you mean ls?" },
  {
    words: ['ls', '--host', 'http://a', '--store', 'b'],
    says: "option '--host <url>' cannot be used with option '--store <store>'",
  },
  { words: ['upload', 'x', '--type', 'd', '--name', 'n', '--metadata', 'rows'], says: 'Write key=value' },
  {
    words: ['upload', 'x', '--type', 'd', '--name', 'n', '--metadata', '{rows'],
    says: 'It begins like a JSON object, but is not valid JSON',
  },
  {
    words: ['upload', 'https://a/b.csv', '--type', 'd', '--name', 'n'],
    says: "'https://a/b.csv' is a URL, and upload takes local files",
  },
  { words: ['show', 'dataset'], says: "'dataset' is not a valid spec" },
  { words: ['login'], says: 'login needs a server or a store' },
  { words: ['ls', '--host', 's3://a'], says: 'pass a folder or a bucket as store instead' },
  { words: ['ls', '--store', 'http://a'], says: "is a server's URL; pass it as host instead" },
  {
    words: ['login', '--host', 'http://a'],
    says: 'login needs the API key: there is no terminal to ask on, so set TRACKWAY_API_KEY',
  },
])('a wrong command exits with 2 and one line: $words', async ({ words, says }) => {
  const { run } = await prepareShell()
  vi.stubEnv('TRACKWAY_STORE', undefined)
  const { code, out, err } = await run(words)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(says)
  expect(err).toMatch(/^trackway: [^\n]+ \((option_invalid|config_invalid|revision_invalid)\)\n$/)
  const json = await run([...words, '--json'])
  expect(JSON.parse(json.err)).toMatchObject({ error: { exitCode: 2 } })
})

test('an argument after -- is not an option', async () => {
  const { run } = await prepareShell()
  const { code, err } = await run(['show', '--', '--json'])
  expect(code).toBe(2)
  expect(err).toMatch(/^trackway: '--json' is not a valid spec; [^\n]*\(revision_invalid\)\n$/)
})

test('files that cannot be added end with one hint that names options of the command', async () => {
  const { run, folder } = await prepareShell()
  for (const name of ['one', 'two']) await symlink('/nowhere', join(folder, name))
  const { code, err } = await run(['upload', folder, '--type', 'dataset', '--name', 'sample'])
  expect(code).toBe(8)
  expect(err.match(/leave them out with \.trackwayignore, or pass --ignore \(/g)).toHaveLength(1)
  expect(err).not.toContain('{ ignore }')
})

test('an error does not mention other experiments if there are none', async () => {
  const { run, folder } = await prepareShell()
  await writeFiles(folder, { 'a.txt': 'a' })
  await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  const { err } = await run(['show', 'dataset/sampel'])
  expect(err).toMatch(/\(request \S+\); did you mean dataset\/sample\? \(not_found\)\n$/)
})

test('an error says if type and name are swapped', async () => {
  const { run, folder } = await prepareShell()
  await writeFiles(folder, { 'a.txt': 'a' })
  await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  for (const words of [
    ['show', 'sample/dataset'],
    ['show', 'sample/dataset:V1'],
    ['show', 'Sample/dataset:production'],
    ['download', 'sample/dataset:V1'],
    ['ls', 'sample/dataset'],
  ]) {
    const { code, err } = await run(words)
    expect(code).toBe(3)
    expect(err).toContain('but there is dataset/sample: its type is')
  }
})

/** The clauses of a message that have more than two words. */
function clausesOf(message: string): string[] {
  return message
    .split(/[:;,.?()]\s+|\s[(]/)
    .map((clause) => clause.trim().toLowerCase())
    .filter((clause) => clause.split(' ').length > 2)
}

test('a message does not repeat itself', async () => {
  const { run, folder } = await prepareShell()
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  await writeFiles(folder, {
    'a.txt': 'a',
    'other/a.txt': 'b',
    'there/c.txt': '',
    'config/trackway/config.json': '{',
  })
  const broken = await run(['ls'])
  await writeFiles(folder, { 'config/trackway/config.json': '{}' })
  const named = ['--type', 'dataset', '--name', 'sample']
  await run(['upload', 'a.txt', ...named])
  const failures = [broken]
  for (const words of [
    ['ls', 'dataset/none'],
    ['ls', 'dataset/sample:V1', 'none'],
    ['ls', '--store', './nothing'],
    ['ls', '--host', server.url],
    ['ls', '--host', 'http://127.0.0.1:1', '--quiet'],
    ['ls', '--host', server.url.replace('http:', 'https:')],
    ['ls', '--host', 'nonsense'],
    ['ls', '--team', 'not a name'],
    ['login', server.url, '--api-key', 'tw_wrong'],
    ['show', 'dataset/sampel'],
    ['show', 'dataset/sample:V9'],
    ['show', 'dataset/sample:prod'],
    ['show', 'dataset/sample:sha256:000000000000'],
    ['show', 'dataset'],
    ['download', 'dataset/sample', 'there'],
    ['download', 'dataset/sample[b.txt]', 'new'],
    ['download', 'dataset/sample', 'new', '--include', '*.csv'],
    ['upload', 'none.txt', ...named],
    ['upload', 'a.txt', 'other/a.txt', ...named],
    ['upload', 'a.txt', '--type', 'a b', '--name', 'x'],
    ['upload', 'a.txt', ...named, '--tag', 'V7'],
    ['verify', 'dataset/sample', 'none'],
    ['alias', 'dataset/sample', 'V3'],
    ['alias', '--remove', 'dataset/sample', 'none'],
    ['rm', 'dataset/sample:V9', '--yes'],
    ['restore', 'dataset/sample:V9'],
    ['url', 'dataset/sample[a.txt]'],
    ['push', 'dataset/sample', '--to', './store'],
  ]) {
    // Requests are retried for a quarter of an hour before they fail.
    failures.push(await run(words, { signal: AbortSignal.timeout(3_000) }))
  }
  for (const { code, err } of failures) {
    expect(code, err).toBeGreaterThan(0)
    const clauses = clausesOf(err)
    expect(clauses, err).toEqual([...new Set(clauses)])
  }
})

test('without a command or subcommand, the help is shown', async () => {
  const { run } = await prepareShell()
  const help = await run([])
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).toContain('trackway upload ./data --type dataset --name sample')
  expect(await run(['--help'])).toEqual(help)
  expect(await run(['help'])).toEqual(help)
  expect(await run(['help', 'upload'])).toEqual(await run(['upload', '--help']))
  expect(await run(['assets'])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('Usage: trackway assets'),
  })
  expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('hints of the SDK name options of the command', async () => {
  const { run, folder } = await prepareShell()
  await writeFiles(folder, { 'a.txt': 'a', 'b/a.txt': 'b', 'there/c.txt': '' })
  await symlink('/', join(folder, 'b/root'))
  const upload = (...words: string[]) => run(['upload', ...words, '--type', 'dataset', '--name', 'sample'])
  await upload(join(folder, 'a.txt'))
  const failures = {
    '--overwrite': await run(['download', 'dataset/sample', join(folder, 'there')]),
    "No entry matches '*.cvs';": await run([
      'download',
      'dataset/sample',
      join(folder, 'new'),
      '--include',
      '*.cvs',
    ]),
    '--ignore': await upload(join(folder, 'b')),
    'its own path': await upload(join(folder, 'a.txt'), join(folder, 'b/a.txt')),
    'leave out --tag V2': await upload(join(folder, 'a.txt'), '--tag', 'V2', '--on-conflict', 'merge'),
    '--to-team, --to-experiment or --to-name': await run([
      'push',
      'dataset/sample',
      '--to',
      join(folder, 'store'),
    ]),
    'pass --keep or --max-bytes': await run(['assets', 'prune']),
    'remove it; run trackway login to save one': await run(['ls', '--host', 'https://user:word@example.org']),
  }
  for (const [says, { code, err }] of Object.entries(failures)) {
    expect(code).toBeGreaterThan(1)
    expect(err).toContain(says)
    expect(err).not.toMatch(/[{}]/)
  }
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  expect((await run(['ls', '--host', server.url])).err).toContain(
    'run trackway login to save one, or set TRACKWAY_API_KEY',
  )
})

test('https to a server of plain http fails with one line that suggests http', async () => {
  const { run } = await prepareShell()
  await using server = await startMockServer()
  const address = server.url.replace('http:', 'https:')
  const { code, err } = await run(['ls', '--host', address])
  expect(code).toBe(6)
  expect(err).toMatch(
    /^[^\n]* answers, but not in TLS\. Does it speak plain http\? Try http:\/\/127[^\n]*\n$/,
  )
  expect(err).not.toMatch(/openssl|routines/)
})
