import { chmod, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { changeProjectConfig, changeUserConfig, login, readUserConfig } from '../src/index.ts'
import type { Environment } from '../src/platform/environment.ts'
import { environment as machine } from '../src/platform/node/environment.ts'
import { resolveConfig } from '../src/session/config.ts'
import { errorOf, temporaryFolder } from './test-server.ts'

function environmentOf(
  variables: Record<string, string>,
  file?: string,
  project?: { text: string; isOwn?: boolean },
): Environment {
  return {
    ...machine,
    variable: (name) => variables[name],
    readConfigFile: async () =>
      file === undefined ? undefined : { path: '/home/ada/config.json', text: file },
    readProjectFile: async () =>
      project === undefined ? undefined : { path: '/project/trackway.json', isOwn: true, ...project },
  }
}

test('options come before variables, variables before the file, and without any it is embedded', async () => {
  const file = JSON.stringify({
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
  expect(await resolveConfig({ team: 'option-team' }, environmentOf(variables, file))).toMatchObject({
    host: 'http://variable',
    apiKey: 'tw_variable',
    team: 'option-team',
    experiment: 'file-experiment',
  })
  expect(await resolveConfig({}, environmentOf({}, file))).toMatchObject({
    host: 'http://file',
    apiKey: 'tw_file',
  })
  expect(await resolveConfig({}, environmentOf({}))).toMatchObject({
    host: undefined,
    store: resolve('.trackway'),
  })
  expect(await resolveConfig({}, environmentOf({ TRACKWAY_STORE: '/data' }))).toMatchObject({
    store: '/data',
  })
})

test('the file of the project comes before that of the user, and after variables', async () => {
  const file = JSON.stringify({ host: 'http://mine', apiKey: 'tw_mine', experiment: 'mine', team: 'mine' })
  const project = { text: '{"experiment":"flowers"}' }
  expect(await resolveConfig({}, environmentOf({}, file, project))).toMatchObject({
    host: 'http://mine',
    apiKey: 'tw_mine',
    team: 'mine',
    experiment: 'flowers',
  })
  const variables = { TRACKWAY_EXPERIMENT: 'trees' }
  expect(await resolveConfig({}, environmentOf(variables, file, project))).toMatchObject({
    experiment: 'trees',
  })
})

test('a project names a host, whose key the user keeps; another key does not go there', async () => {
  const project = { text: '{"host":"http://project","experiment":"flowers"}' }
  const user = { host: 'http://mine', apiKey: 'tw_mine', team: 'mine' }
  const without = await resolveConfig({}, environmentOf({}, JSON.stringify(user), project))
  expect(without).toMatchObject({ host: 'http://project', apiKey: undefined, team: undefined })
  const withKeys = JSON.stringify({ ...user, keys: { 'http://project': 'tw_project' } })
  expect(await resolveConfig({}, environmentOf({}, withKeys, project))).toMatchObject({
    apiKey: 'tw_project',
  })
  expect(await resolveConfig({ host: 'http://mine' }, environmentOf({}, withKeys, project))).toMatchObject({
    apiKey: 'tw_mine',
    team: 'mine',
  })
})

test("a key without a host is not sent to a host that only the project's file names", async () => {
  const project = { text: '{"host":"http://project"}' }
  const variables = { TRACKWAY_API_KEY: 'tw_any' }
  const { message } = await errorOf(
    'config_invalid',
    resolveConfig({}, environmentOf(variables, undefined, project)),
  )
  expect(message).toContain('/project/trackway.json names the host http://project')
  expect(message).toContain('TRACKWAY_HOST')
  await errorOf('config_invalid', resolveConfig({}, environmentOf({}, '{"apiKey":"tw_any"}', project)))
  const named = { ...variables, TRACKWAY_HOST: 'http://project' }
  expect(await resolveConfig({}, environmentOf(named, undefined, project))).toMatchObject({
    apiKey: 'tw_any',
  })
  const known = '{"host":"http://project/"}'
  expect(await resolveConfig({}, environmentOf(variables, known, project))).toMatchObject({
    apiKey: 'tw_any',
  })
})

test("the host in a project's file that others can change is not used", async () => {
  const project = { text: '{"host":"http://project"}', isOwn: false }
  const { message } = await errorOf(
    'config_invalid',
    resolveConfig({}, environmentOf({}, undefined, project)),
  )
  expect(message).toContain('other users can change that file')
  const variables = { TRACKWAY_HOST: 'http://project' }
  expect(await resolveConfig({}, environmentOf(variables, undefined, project))).toMatchObject({
    host: 'http://project',
  })
})

test.each(['{"apiKey":"tw_secret"}', '{"host":', '{"experiment":"not a name"}'])(
  'an invalid file of a project is named, and not quoted: %s',
  async (text) => {
    const error = await errorOf('config_invalid', resolveConfig({}, environmentOf({}, undefined, { text })))
    expect(error.message).toContain('/project/trackway.json')
    expect(String(error.stack) + String(error.cause)).not.toContain('tw_secret')
  },
)

test('no key is sent to a bucket', async () => {
  const variables = { TRACKWAY_STORE: 's3://bucket/prefix', TRACKWAY_API_KEY: 'tw_any' }
  expect(await resolveConfig({}, environmentOf(variables))).toMatchObject({
    host: undefined,
    store: 's3://bucket/prefix',
    apiKey: undefined,
  })
  expect(
    await resolveConfig({ host: 'http://other' }, environmentOf({}, '{"store":"s3://bucket"}')),
  ).toMatchObject({ host: 'http://other' })
})

test('a key is sent only to the host that it came with', async () => {
  const file = JSON.stringify({ host: 'http://mine', apiKey: 'tw_mine' })
  expect(await resolveConfig({ host: 'http://other' }, environmentOf({}, file))).toMatchObject({
    apiKey: undefined,
  })
  expect(await resolveConfig({ host: 'http://mine/' }, environmentOf({}, file))).toMatchObject({
    apiKey: 'tw_mine',
  })
  const variables = { TRACKWAY_API_KEY: 'tw_any' }
  expect(await resolveConfig({ host: 'http://other' }, environmentOf(variables, file))).toMatchObject({
    apiKey: 'tw_any',
  })
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
  const { message } = await errorOf('config_invalid', resolveConfig({ host }, environmentOf({})))
  expect(message).toContain(advice)
  expect(message).not.toContain('tw_secret')
})

test.each(['{ "apiKey": "tw_secret" ', '{"apiKey":"tw_secret","hots":"x"}', '[]'])(
  'a configuration file that is broken is named, and not quoted',
  async (file) => {
    const error = await errorOf('config_invalid', resolveConfig({}, environmentOf({}, file)))
    expect(error.message).toContain('/home/ada/config.json')
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
    const { message } = await errorOf('config_invalid', resolveConfig({ store }, environmentOf({})))
    expect(message).toContain("is a server's URL; pass it as host instead")
    expect(message).not.toContain('tw_secret')
  },
)

test('a host and a store from one origin are refused, which is named', async () => {
  const [host, store] = ['http://name', './data']
  const text = JSON.stringify({ host, store })
  const variables = { TRACKWAY_HOST: host, TRACKWAY_STORE: store }
  const openings = {
    'the options': () => login({ host, store }),
    'the variables TRACKWAY_HOST and TRACKWAY_STORE': () => resolveConfig({}, environmentOf(variables)),
    'the file /project/trackway.json': () => resolveConfig({}, environmentOf({}, undefined, { text })),
    'the file /home/ada/config.json': () => resolveConfig({}, environmentOf({}, text)),
    'the options of changeUserConfig': () => changeUserConfig({ host, store }),
    'the options of changeProjectConfig': () => changeProjectConfig({ host, store }),
  }
  for (const [where, open] of Object.entries(openings)) {
    const { message } = await errorOf('option_invalid', open())
    expect(message).toBe(`Both a host and a store are given in ${where}; remove one of them`)
  }
})

test('a file names a store, whose relative path starts at the folder of the file', async () => {
  const project = { text: '{"store":"../data"}' }
  const user = '{"host":"http://mine","apiKey":"tw_mine","team":"mine"}'
  expect(await resolveConfig({}, environmentOf({}, user, project))).toMatchObject({
    host: undefined,
    store: resolve('/data'),
    apiKey: undefined,
    team: undefined,
  })
  const same = '{"store":"s3://bucket","team":"mine"}'
  const bucket = { text: '{"store":"s3://bucket"}' }
  expect(await resolveConfig({}, environmentOf({}, same, bucket))).toMatchObject({ team: 'mine' })
  expect(await resolveConfig({}, environmentOf({}, '{"store":"data"}'))).toMatchObject({
    store: resolve('/home/ada/data'),
  })
  const notOwn = resolveConfig({}, environmentOf({}, undefined, { ...project, isOwn: false }))
  expect((await errorOf('config_invalid', notOwn)).message).toContain(
    'names the store ../data, but other users can change that file; if the store is right, set TRACKWAY_STORE',
  )
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
  const file = JSON.stringify({ host: 'http://file', apiKey: 'tw_file' })
  expect(
    await resolveConfig({ store: '/mine' }, environmentOf({ TRACKWAY_HOST: 'http://variable' }, file)),
  ).toMatchObject({ host: undefined, apiKey: undefined, store: '/mine' })
  expect(await resolveConfig({}, environmentOf({ TRACKWAY_STORE: '/mine' }, file))).toMatchObject({
    host: undefined,
  })
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
  const folder = await temporaryFolder()
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  const path = await changeUserConfig({ experiment: 'mine' })
  const printed: string[] = []
  const watched = { ...machine, print: (text: string) => void printed.push(text) }
  await resolveConfig({}, watched)
  expect(printed).toEqual([])
  await chmod(path, 0o666)
  await resolveConfig({ quiet: true }, watched)
  expect(printed).toEqual([])
  expect(await resolveConfig({}, watched)).toMatchObject({ experiment: 'mine' })
  await resolveConfig({}, watched)
  expect(printed).toHaveLength(1)
  expect(printed[0]).toContain(path)
})
