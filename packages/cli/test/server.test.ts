import { existsSync } from 'node:fs'
import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockServer } from '@trackway/mock-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { prepareShell } from './shell.ts'
import { writeFiles } from './user.ts'

test('login checks a key and saves it privately, commands use it, and logout removes it', async () => {
  const { folder, run, json } = await prepareShell()
  vi.stubEnv('TRACKWAY_STORE', undefined)
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  const config = join(folder, 'config', 'trackway', 'config.json')

  const wrong = await run(['login', '--host', server.url, '--api-key', 'tw_wrong'])
  expect(wrong).toMatchObject({ code: 4, out: '' })
  await expect(stat(config)).rejects.toThrow('ENOENT')

  const piped = await run(['login', '--host', server.url, '--api-key-stdin'], { input: 'tw_secret\n' })
  expect(piped).toMatchObject({ code: 0, err: '' })
  expect(piped.out).toContain(`Logged in to ${server.url} as `)
  expect(piped.out).not.toContain('tw_secret')
  expect((await stat(config)).mode & 0o777).toBe(0o600)

  await writeFiles(folder, { 'a.txt': 'a' })
  await run(['init', '--experiment', 'flowers'])
  const upload = await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  expect(upload.err).toContain(`/flowers of ${server.url}`)
  // Another login to the same host keeps the experiment.
  await run(['login', '--host', server.url, '--api-key', 'tw_secret'])
  expect(await json(['init'])).toMatchObject({ url: server.url, experiment: 'flowers', config })

  expect((await run(['logout'])).out).toBe(`Logged out of ${server.url}\n`)
  expect(JSON.parse(await readFile(config, 'utf8'))).toEqual({})
  expect((await run(['logout'])).out).toBe('You were not logged in\n')
})

test('a key that is typed is not shown', async () => {
  const { run } = await prepareShell()
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  vi.stubEnv('TRACKWAY_HOST', 'http://ada:tw_secret@elsewhere')
  const { code, out, err } = await run(['login', '--host', server.url], { typed: 'tw_secret' })
  expect(code).toBe(0)
  expect(err).toContain(`API key for ${server.url}: \n`)
  expect(out + err).not.toContain('tw_secret')
  expect(err).toContain('TRACKWAY_HOST is set to another host and takes precedence.')
})

test.each([
  ['a line break in it', 'tw_secret\nmore'],
  ['an invisible character', 'tw_secret\u200b'],
  ['quotes', '"tw_secret"'],
])('a key with %s is refused from every source, and not shown', async (_, key) => {
  const { run } = await prepareShell()
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  const login = ['login', '--host', server.url]
  for (const words of [
    [...login, '--api-key', key],
    [...login, '--api-key-stdin'],
    [...login, '--api-key', key, '--json'],
  ]) {
    const { code, out, err } = await run(words, { input: key })
    expect(code).not.toBe(0)
    expect(err).toContain('The API key came from the options; it contains')
    expect(out + err).not.toContain('tw_secret')
  }
  vi.stubEnv('TRACKWAY_STORE', undefined)
  vi.stubEnv('TRACKWAY_HOST', server.url)
  vi.stubEnv('TRACKWAY_API_KEY', key)
  const { err } = await run(['ls'])
  expect(err).toContain('TRACKWAY_API_KEY')
  expect(err).not.toContain('tw_secret')
})

test('init shows where data goes, and --store overrides the configuration', async () => {
  const { folder, run, json } = await prepareShell()
  expect(await json(['init'])).toEqual({
    url: join(folder, 'store'),
    user: expect.any(String),
    team: 'default',
    experiment: 'uncategorized',
    project: null,
    config: null,
  })
  await writeFiles(join(folder, 'config', 'trackway'), { 'config.json': '{"host":"http://127.0.0.1:1"}' })
  expect((await run(['init', '--store', join(folder, 'other')])).out).toContain(join(folder, 'other'))
})

test('login saves a store instead of a host, and init saves one for the project', async () => {
  const { folder, run, json } = await prepareShell()
  await json(['init'])
  vi.stubEnv('TRACKWAY_STORE', undefined)
  const before = process.cwd()
  process.chdir(folder)
  onTestFinished(() => process.chdir(before))
  const store = join(folder, 'store')
  const config = join(folder, 'config', 'trackway', 'config.json')
  for (const words of [['./store'], ['--store', './store']]) {
    expect((await run(['login', ...words])).out).toContain(`Logged in to ${store} as `)
    expect(JSON.parse(await readFile(config, 'utf8'))).toEqual({ store })
    expect(await json(['logout'])).toEqual({ host: null, store })
  }
  expect(await run(['login', './none'])).toMatchObject({ code: 3, out: '' })
  const both = await run(['login', '--host', 'http://a', '--store', './store'])
  expect(both).toMatchObject({ code: 2, out: '' })

  await writeFiles(folder, { 'project/deep/a.txt': 'a', 'project/trackway.json': '{}' })
  process.chdir(join(folder, 'project', 'deep'))
  const project = { url: join(folder, 'project', 'data'), project: join(folder, 'project', 'trackway.json') }
  expect(await json(['init', '--store', '../data'])).toMatchObject(project)
  expect(JSON.parse(await readFile('../trackway.json', 'utf8'))).toEqual({ store: './data' })
  expect(await json(['init'])).toMatchObject(project)
})

test('init in one project does not change another, and login saves the keys of both hosts', async () => {
  const { folder, run, json } = await prepareShell()
  vi.stubEnv('TRACKWAY_STORE', undefined)
  await using first = await startMockServer({ apiKey: 'tw_first' })
  await using second = await startMockServer({ apiKey: 'tw_second' })
  await writeFiles(folder, { 'one/deep/a.txt': 'a', 'two/b.txt': 'b' })
  await run(['login', first.url, '--api-key', 'tw_first'])
  process.chdir(join(folder, 'one'))
  await run(['init', '--host', first.url, '--experiment', 'flowers'])
  expect(JSON.parse(await readFile('trackway.json', 'utf8'))).toEqual({
    host: first.url,
    experiment: 'flowers',
  })
  process.chdir(join(folder, 'two'))
  await run(['login', second.url, '--api-key', 'tw_second'])
  const two = await json(['init', '--experiment', 'trees'])
  expect(two).toMatchObject({
    url: second.url,
    experiment: 'trees',
    project: join(folder, 'two', 'trackway.json'),
  })
  process.chdir(join(folder, 'one', 'deep'))
  const one = { url: first.url, experiment: 'flowers', project: join(folder, 'one', 'trackway.json') }
  expect(await json(['init'])).toMatchObject(one)
  await run(['init', '--experiment', 'roses'])
  expect(await json(['init'])).toMatchObject({ ...one, experiment: 'roses' })
  await run(['logout'])
  expect(await readFile(join(folder, 'config', 'trackway', 'config.json'), 'utf8')).not.toContain('tw_')
})

test.runIf(process.platform !== 'win32')(
  'a project file that other users may change does not decide where data goes',
  async () => {
    const { folder, run } = await prepareShell()
    vi.stubEnv('TRACKWAY_STORE', undefined)
    await using server = await startMockServer({ apiKey: 'tw_secret' })
    await run(['login', server.url, '--api-key', 'tw_secret'])
    await writeFiles(folder, { 'trackway.json': JSON.stringify({ host: server.url }) })
    expect(await run(['ls'])).toMatchObject({ code: 0 })
    await chmod(join(folder, 'trackway.json'), 0o666)
    const { code, err } = await run(['ls'])
    expect(code).toBe(2)
    expect(err).toContain('other users can change that file; if the host is right, set TRACKWAY_HOST')
    expect(await run(['ls', '--host', server.url])).toMatchObject({ code: 0 })
  },
)

test('login without a terminal takes the key from the environment, and does not show it', async () => {
  const { run } = await prepareShell()
  vi.stubEnv('TRACKWAY_STORE', undefined)
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  vi.stubEnv('TRACKWAY_API_KEY', 'tw_secret')
  const { code, out, err } = await run(['login', server.url])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain(`Logged in to ${server.url}`)
  expect(out).not.toContain('tw_secret')
  vi.stubEnv('TRACKWAY_API_KEY', undefined)
  expect(await run(['ls', '--host', server.url])).toMatchObject({ code: 0 })
  vi.stubEnv('TRACKWAY_API_KEY', 'tw_secret')
  vi.stubEnv('TRACKWAY_HOST', server.url)
  expect(await run(['login'])).toMatchObject({ code: 0 })
  const other = await run(['login', 'http://127.0.0.1:1'])
  expect(other.code).toBe(2)
  expect(other.err).toContain(`TRACKWAY_API_KEY is for ${server.url}`)
})

test('a missing or wrong key is an error, and Ctrl-C ends retries at once', async () => {
  const { run } = await prepareShell()
  await using server = await startMockServer()
  vi.stubEnv('TRACKWAY_STORE', undefined)
  vi.stubEnv('TRACKWAY_HOST', server.url)
  expect(await run(['ls'])).toMatchObject({ code: 4, out: '' })
  vi.stubEnv('TRACKWAY_API_KEY', 'tw_wrong')
  const refused = await run(['ls'])
  expect(refused).toMatchObject({ code: 4, out: '' })
  expect(refused.err).not.toContain('tw_wrong')
  server.faults.add({ status: 500, times: 1000 })
  // Ctrl-C ends requests at once that would be retried for a quarter of an hour.
  const ending = new AbortController()
  const polling = setInterval(() => {
    if (server.requests.some(({ status }) => status === 500)) ending.abort()
  }, 10)
  onTestFinished(() => clearInterval(polling))
  expect(await run(['ls'], { signal: ending.signal })).toMatchObject({ code: 130, out: '' })
})

test('versions are pushed from a folder to a server, with the key that login saved, and to another folder', async () => {
  const { folder, run, json } = await prepareShell()
  await using server = await startMockServer({ apiKey: 'tw_secret' })
  const store = join(folder, 'store')
  for (const content of ['one', 'two']) {
    await writeFiles(folder, { 'a.txt': content })
    await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  }
  await run(['login', '--host', server.url, '--api-key', 'tw_secret'])
  vi.stubEnv('TRACKWAY_STORE', undefined)

  const words = ['push', 'dataset/sample:V2', '--store', store, '--to', server.url]
  expect(await run(words)).toEqual({
    code: 0,
    out: 'dataset/sample:V1\n',
    err: `Pushing to ${server.url}\ndataset/sample:V2 pushed as dataset/sample:V1: 1 file of 3 B, 3 B sent\n`,
  })
  expect((await run(words)).err).toContain(
    'dataset/sample:V2 is already at the target, as dataset/sample:V1\n',
  )
  const shown = await run(['show', 'dataset/sample'])
  expect(shown.out).toContain(`default/uncategorized/dataset/sample:V2 of the store `)

  const other = join(folder, 'other')
  const all = [
    'push',
    '--all',
    'dataset/sample',
    '--store',
    store,
    '--to',
    other,
    '--to-name',
    'copy',
    '--to-experiment',
    'trees',
  ]
  expect(await json(all)).toMatchObject({
    to: other,
    pushed: [
      { from: 'dataset/sample:V1', spec: 'dataset/copy:V1', created: true },
      { from: 'dataset/sample:V2', spec: 'dataset/copy:V2', created: true },
    ],
  })
  expect((await run(['ls', '--store', other, '--experiment', 'trees'])).out).toMatch(/^dataset\/copy +V2 /m)
  expect(await run(['push', 'a/b', 'a/c', '--to', other, '--to-name', 'd'])).toMatchObject({ code: 2 })
})

test('a push takes a word for a folder only if it is written as one or exists, and says which it uses', async () => {
  const { folder, run } = await prepareShell()
  await writeFiles(folder, { 'a.txt': 'a', 'there/b.txt': 'b' })
  await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  const before = process.cwd()
  process.chdir(folder)
  onTestFinished(() => process.chdir(before))
  vi.stubEnv('HOME', folder)

  const refused = await run(['push', 'dataset/sample', '--to', 'example.org'])
  expect(refused).toMatchObject({ code: 2, out: '' })
  expect(refused.err).toContain("The target 'example.org' is not a server or a store; write ")
  expect(existsSync(join(folder, 'example.org'))).toBe(false)
  const unreadable = 'x'.repeat(5000)
  const notThere = await run(['push', 'dataset/sample', '--to', unreadable])
  expect(notThere.code).toBe(2)
  expect(notThere.err).toContain(
    `write http://name:9111, https://name or s3://bucket/prefix, or ./${unreadable}`,
  )
  const targets = { './example.org': 'example.org', there: 'there', '~/own': 'own' }
  for (const [target, name] of Object.entries(targets)) {
    const { code, err } = await run(['push', 'dataset/sample', '--to', target])
    expect(code).toBe(0)
    expect(err).toContain(`Pushing to ${join(folder, name)}\n`)
    expect(existsSync(join(folder, name, 'format.json'))).toBe(true)
  }
})

test('a push warns if latest at the target is not the latest of the source', async () => {
  const { folder, run } = await prepareShell()
  const to = ['--to', join(folder, 'other')]
  for (const content of ['one', 'two']) {
    await writeFiles(folder, { 'a.txt': content })
    await run(['upload', join(folder, 'a.txt'), '--type', 'dataset', '--name', 'sample'])
  }
  expect((await run(['push', 'dataset/sample', ...to])).err).not.toContain('latest')
  const all = await run(['push', '--all', 'dataset/sample', ...to])
  expect(all).toMatchObject({ code: 0, out: 'dataset/sample:V2\ndataset/sample:V1\n' })
  expect(all.err).toContain("latest at the target is now the source's V1; the source's latest is V2\n")
  await run([
    'upload',
    join(folder, 'a.txt'),
    '--store',
    join(folder, 'third'),
    '--type',
    'dataset',
    '--name',
    'sample',
  ])
  const older = await run(['push', 'dataset/sample:V1', '--to', join(folder, 'third')])
  expect(older.err).toContain("latest at the target is now the source's V1; the source's latest is V2\n")
})

test('url prints a URL at which a file can be read without a key', async () => {
  const { folder, run } = await prepareShell()
  await using server = await startMockServer()
  await server.seed({ 'dataset/sample': { 'raw/a.csv': 'a,b\n' } })
  const at = ['--host', server.url]
  vi.stubEnv('TRACKWAY_API_KEY', server.apiKey)
  const { code, out } = await run(['url', 'dataset/sample[raw/a.csv]', ...at])
  expect(code).toBe(0)
  expect(await (await fetch(out.trimEnd())).text()).toBe('a,b\n')
  expect(await run(['url', 'dataset/sample', ...at])).toMatchObject({ code: 2, out: '' })
  expect(await run(['url', 'dataset/sample[b.csv]', ...at])).toMatchObject({ code: 3, out: '' })
  expect(await run(['url', 'dataset/sample[raw/a.csv]', ...at, '--expires-in', '0'])).toMatchObject({
    code: 2,
  })
  await writeFiles(folder, { 'a.csv': 'a' })
  await run(['upload', join(folder, 'a.csv'), '--type', 'dataset', '--name', 'here'])
  expect(await run(['url', 'dataset/here[a.csv]'])).toMatchObject({ code: 6, out: '' })
})
