import { chmod, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createApp, createMemoryStore } from '@trackway/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  changeProjectConfig,
  changeUserConfig,
  login,
  readUserConfig,
  type LoginOptions,
} from '../src/index.ts'
import { configureMachine, openBucketsWith, watchPrinted } from './machine.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

/** What a team is called if nothing names one: that of the server's answer. */
const serversTeam = 'default'

/** Logs in, where a server answers at every URL, and returns what the session uses. */
async function logIn(options: LoginOptions = {}) {
  const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' } })
  const asked: Request[] = []
  const fetch = (request: Request) => {
    asked.push(request)
    return app.fetch(request)
  }
  const session = await login({ fetch, quiet: true, ...options })
  const [host, ...others] = new Set(asked.map(({ url }) => new URL(url).origin))
  const [apiKey] = asked.flatMap(({ headers }) => headers.get('authorization')?.split(' ')[1] ?? [])
  expect(others).toEqual([])
  const { team, experiment } = session
  return { host, apiKey, store: host === undefined ? session.url : undefined, team, experiment }
}

test('options come before variables, variables before the file, and without any it is embedded', async () => {
  const user = JSON.stringify({
    host: 'http://file',
    apiKey: 'tw_file',
    team: 'file-team',
    experiment: 'file-experiment',
  })
  const variables = {
    TRACKWAY_HOST: 'http://variable/',
    TRACKWAY_API_KEY: 'tw_variable',
    TRACKWAY_TEAM: 'variable-team',
  }
  await configureMachine({ variables, user })
  expect(await logIn({ team: 'option-team' })).toMatchObject({
    host: 'http://variable',
    apiKey: 'tw_variable',
    team: 'option-team',
    experiment: 'file-experiment',
  })
  await configureMachine({ user })
  expect(await logIn()).toMatchObject({ host: 'http://file', apiKey: 'tw_file' })
  const { folder } = await configureMachine()
  expect(await logIn()).toMatchObject({ host: undefined, store: join(folder, '.trackway') })
  const data = join(await temporaryFolder(), 'data')
  await configureMachine({ variables: { TRACKWAY_STORE: data } })
  expect(await logIn()).toMatchObject({ store: data })
})

test('the file of the project comes before that of the user, and after variables', async () => {
  const user = JSON.stringify({ host: 'http://mine', apiKey: 'tw_mine', experiment: 'mine', team: 'mine' })
  const project = '{"experiment":"flowers"}'
  await configureMachine({ user, project })
  expect(await logIn()).toMatchObject({
    host: 'http://mine',
    apiKey: 'tw_mine',
    team: 'mine',
    experiment: 'flowers',
  })
  await configureMachine({ variables: { TRACKWAY_EXPERIMENT: 'trees' }, user, project })
  expect(await logIn()).toMatchObject({ experiment: 'trees' })
})

test('a project names a host, whose key the user keeps; another key does not go there', async () => {
  const project = '{"host":"http://project","experiment":"flowers"}'
  const user = { host: 'http://mine', apiKey: 'tw_mine', team: 'mine' }
  await configureMachine({ user: JSON.stringify(user), project })
  expect(await logIn()).toMatchObject({ host: 'http://project', apiKey: undefined, team: serversTeam })
  const withKeys = JSON.stringify({ ...user, keys: { 'http://project': 'tw_project' } })
  await configureMachine({ user: withKeys, project })
  expect(await logIn()).toMatchObject({ apiKey: 'tw_project' })
  expect(await logIn({ host: 'http://mine' })).toMatchObject({ apiKey: 'tw_mine', team: 'mine' })
})

test("a key without a host is not sent to a host that only the project's file names", async () => {
  const project = '{"host":"http://project"}'
  const variables = { TRACKWAY_API_KEY: 'tw_any' }
  const { projectFile } = await configureMachine({ variables, project })
  const { message } = await errorOf('config_invalid', logIn())
  expect(message).toContain(`${projectFile} names the host http://project`)
  expect(message).toContain('TRACKWAY_HOST')
  await configureMachine({ user: '{"apiKey":"tw_any"}', project })
  await errorOf('config_invalid', logIn())
  await configureMachine({ variables: { ...variables, TRACKWAY_HOST: 'http://project' }, project })
  expect(await logIn()).toMatchObject({ apiKey: 'tw_any' })
  await configureMachine({ variables, user: '{"host":"http://project/"}', project })
  expect(await logIn()).toMatchObject({ apiKey: 'tw_any' })
})

test("the host in a project's file that others can change is not used", async () => {
  const project = '{"host":"http://project"}'
  const { projectFile } = await configureMachine({ project })
  await chmod(projectFile, 0o666)
  const { message } = await errorOf('config_invalid', logIn())
  expect(message).toContain('other users can change that file')
  vi.stubEnv('TRACKWAY_HOST', 'http://project')
  expect(await logIn()).toMatchObject({ host: 'http://project' })
})

test.each(['{"apiKey":"tw_secret"}', '{"host":', '{"experiment":"not a name"}'])(
  'an invalid file of a project is named, and not quoted: %s',
  async (project) => {
    const { projectFile } = await configureMachine({ project })
    const error = await errorOf('config_invalid', logIn())
    expect(error.message).toContain(projectFile)
    expect(String(error.stack) + String(error.cause)).not.toContain('tw_secret')
  },
)

test('no key is sent to a bucket', async () => {
  const opened: string[] = []
  openBucketsWith(async (location) => {
    opened.push(location)
    return createMemoryStore()
  })
  await configureMachine({
    variables: { TRACKWAY_STORE: 's3://bucket/prefix', TRACKWAY_API_KEY: 'tw_any' },
  })
  expect(await logIn()).toMatchObject({ host: undefined, store: 's3://bucket/prefix', apiKey: undefined })
  expect(opened).toEqual(['s3://bucket/prefix'])
  await configureMachine({ user: '{"store":"s3://bucket"}' })
  expect(await logIn({ host: 'http://other' })).toMatchObject({ host: 'http://other' })
})

test('a key is sent only to the host that it came with', async () => {
  const user = JSON.stringify({ host: 'http://mine', apiKey: 'tw_mine' })
  await configureMachine({ user })
  expect(await logIn({ host: 'http://other' })).toMatchObject({ apiKey: undefined })
  expect(await logIn({ host: 'http://mine/' })).toMatchObject({ apiKey: 'tw_mine' })
  vi.stubEnv('TRACKWAY_API_KEY', 'tw_any')
  expect(await logIn({ host: 'http://other' })).toMatchObject({ apiKey: 'tw_any' })
})

test.each([
  ['localhost:9111', 'http://name:9111'],
  ['ftp://host', 'http://name:9111'],
  ['gs://bucket/prefix', 'pass a folder or a bucket as store instead'],
  ['s3://bucket/prefix?profile=tw_secret', 'pass a folder or a bucket as store instead'],
  ['./.trackway', 'pass a folder or a bucket as store instead'],
  ['/data/store', 'pass a folder or a bucket as store instead'],
  ['http://user:tw_secret@host', 'apiKey'],
  ['http://host/?key=1', 'has a query or fragment after its path'],
])('the host %s is refused with advice', async (host, advice) => {
  await configureMachine()
  const { message } = await errorOf('config_invalid', logIn({ host }))
  expect(message).toContain(advice)
  expect(message).not.toContain('tw_secret')
})

test.each(['{ "apiKey": "tw_secret" ', '{"apiKey":"tw_secret","hots":"x"}', '[]'])(
  'a configuration file that is broken is named, and not quoted',
  async (user) => {
    const { userFile } = await configureMachine({ user })
    const error = await errorOf('config_invalid', logIn())
    expect(error.message).toContain(userFile)
    expect(String(error.stack) + String(error.cause)).not.toContain('tw_secret')
  },
)

test('an option that login does not know is named', async () => {
  const misspelt = { quiet: true, hots: 'http://x' }
  expect(await errorOf('option_invalid', login(misspelt))).toMatchObject({
    message: expect.stringContaining('hots'),
  })
})

test.each(['http://tw_secret@name:9111', 'HTTPS://name'])(
  'the store %s is refused with advice',
  async (store) => {
    await configureMachine()
    const { message } = await errorOf('config_invalid', logIn({ store }))
    expect(message).toContain("is a server's URL; pass it as host instead")
    expect(message).not.toContain('tw_secret')
  },
)

test('a host and a store from one origin are refused, which is named', async () => {
  const [host, store] = ['http://name', './data']
  const both = JSON.stringify({ host, store })
  const refused = async (where: string, call: Promise<unknown>) => {
    const { message } = await errorOf('option_invalid', call)
    expect(message).toBe(`Both a host and a store are given in ${where}; remove one of them`)
  }
  await configureMachine()
  await refused('the options', login({ host, store }))
  await refused('the options of changeUserConfig', changeUserConfig({ host, store }))
  await refused('the options of changeProjectConfig', changeProjectConfig({ host, store }))
  const { userFile } = await configureMachine({ user: both })
  await refused(`the file ${userFile}`, logIn())
  const { projectFile } = await configureMachine({ project: both })
  await refused(`the file ${projectFile}`, logIn())
  await configureMachine({ variables: { TRACKWAY_HOST: host, TRACKWAY_STORE: store } })
  await refused('the variables TRACKWAY_HOST and TRACKWAY_STORE', logIn())
})

test('a file names a store, whose relative path starts at the folder of the file', async () => {
  const project = '{"store":"./data"}'
  const user = '{"host":"http://mine","apiKey":"tw_mine","team":"mine"}'
  const { userFile } = await configureMachine({ user: '{"store":"data"}' })
  expect(await logIn()).toMatchObject({ store: join(dirname(userFile), 'data') })
  const { folder, projectFile } = await configureMachine({ user, project })
  vi.mocked(process.cwd).mockReturnValue(join(folder, 'notebooks'))
  expect(await logIn()).toMatchObject({
    host: undefined,
    store: join(folder, 'data'),
    apiKey: undefined,
    team: serversTeam,
  })
  await chmod(projectFile, 0o666)
  expect((await errorOf('config_invalid', logIn())).message).toContain(
    'names the store ./data, but other users can change that file; if the store is right, set TRACKWAY_STORE',
  )
  openBucketsWith(async () => createMemoryStore())
  await configureMachine({ user: '{"store":"s3://same","team":"mine"}', project: '{"store":"s3://same"}' })
  expect(await logIn()).toMatchObject({ store: 's3://same', team: 'mine' })
})

test('a saved host replaces a store, and a store replaces a host, whose key stays its own', async () => {
  vi.stubEnv('XDG_CONFIG_HOME', await temporaryFolder())
  onTestFinished(() => void vi.unstubAllEnvs())
  const config = async () => (await readUserConfig())?.config
  await changeUserConfig({ host: 'http://mine', apiKey: 'tw_mine' })
  await changeUserConfig({ store: '/data' })
  expect(await config()).toEqual({ store: '/data', keys: { 'http://mine': 'tw_mine' } })
  await changeUserConfig({ host: 'http://mine' })
  expect(await config()).toEqual({ host: 'http://mine', apiKey: 'tw_mine' })
})

test('a named store is used, whatever host is configured with lower precedence', async () => {
  const user = JSON.stringify({ host: 'http://file', apiKey: 'tw_file' })
  const store = join(await temporaryFolder(), 'mine')
  await configureMachine({ variables: { TRACKWAY_HOST: 'http://variable' }, user })
  expect(await logIn({ store })).toMatchObject({ host: undefined, apiKey: undefined, store })
  await configureMachine({ variables: { TRACKWAY_STORE: store }, user })
  expect(await logIn()).toMatchObject({ host: undefined, store })
})

test('the configuration file is changed key by key, atomically, and only its user can read it', async () => {
  const folder = await temporaryFolder()
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await readUserConfig()).toBeUndefined()
  const path = await changeUserConfig({ host: 'http://mine', apiKey: 'tw_mine' })
  expect(path).toBe(join(folder, 'trackway', 'config.json'))
  await changeUserConfig({ experiment: 'flowers', apiKey: undefined })
  expect(await readUserConfig()).toEqual({ path, config: { host: 'http://mine', experiment: 'flowers' } })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(folder, 'trackway'))).toEqual(['config.json'])
  await errorOf('config_invalid', changeUserConfig({ team: 'not a name' }))
  expect((await readUserConfig())?.config).toEqual({ host: 'http://mine', experiment: 'flowers' })
})

test.each([['http://other'], [undefined]])(
  'a kept key does not become that of another host: %s',
  async (host) => {
    vi.stubEnv('XDG_CONFIG_HOME', await temporaryFolder())
    onTestFinished(() => void vi.unstubAllEnvs())
    await changeUserConfig({ host: 'http://mine', apiKey: 'tw_mine' })
    await changeUserConfig({ host: 'http://mine', team: 'vision' })
    expect((await readUserConfig())?.config).toMatchObject({ apiKey: 'tw_mine' })
    await changeUserConfig({ host })
    expect((await readUserConfig())?.config.apiKey).toBeUndefined()
    await changeUserConfig({ host: 'http://mine' })
    expect((await readUserConfig())?.config).toEqual({
      host: 'http://mine',
      apiKey: 'tw_mine',
      team: 'vision',
    })
    await changeUserConfig({ host: 'http://mine', apiKey: 'tw_new' })
    expect((await readUserConfig())?.config).toMatchObject({ apiKey: 'tw_new' })
  },
)

test('a configuration file that others can change is reported once, and is not an error', async () => {
  await configureMachine()
  const path = await changeUserConfig({ experiment: 'mine' })
  const printed = watchPrinted()
  await logIn({ quiet: false })
  expect(printed).toEqual([])
  await chmod(path, 0o666)
  await logIn({ quiet: true })
  expect(printed).toEqual([])
  expect(await logIn({ quiet: false })).toMatchObject({ experiment: 'mine' })
  await logIn({ quiet: false })
  expect(printed).toHaveLength(1)
  expect(printed[0]).toContain(path)
})
