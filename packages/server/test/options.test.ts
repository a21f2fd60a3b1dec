import { TrackwayError } from '@trackway/protocol'
import { expect, test } from 'vitest'
import * as server from '../src/index.ts'
import * as node from '../src/node/index.ts'

type OptionsOf<Call extends (...args: never) => unknown> = Exclude<
  Parameters<Call>[number],
  | string
  | boolean
  | number
  | readonly string[]
  | server.ByteRange
  | server.ObjectStore
  | server.ClockAndIds
  | ((...args: never) => unknown)
  | undefined
>

/** Every function, with a call that takes these options in place of right ones, or why there is none. */
type Table<Functions> = {
  [Name in keyof Functions as Functions[Name] extends (...args: never) => unknown
    ? Name
    : never]: Functions[Name] extends (...args: never) => unknown
    ? [OptionsOf<Functions[Name]>] extends [never]
      ? 'takes no options'
      : (options: never) => unknown
    : never
}

const store = server.createMemoryStore()

const main = {
  createApp: (options: object) => server.createApp({ store, ...options }),
  createMemoryStore: (options) => server.createMemoryStore(options),
  checkStore: (options) => server.checkStore(store, options),
  sweepTeam: (options) => server.sweepTeam(store, 'default', options),
  createApiKey: (options: object) => server.createApiKey(store, { user: 'ada', roles: {}, ...options }),
  createPageAccess: 'takes no options',
  hasApiKeys: 'takes no options',
  listApiKeys: 'takes no options',
  revokeApiKey: 'takes no options',
  probeSigning: 'takes no options',
  probeStore: 'takes no options',
} satisfies Table<typeof server>

const ofNode = {
  openDirectoryStore: (options) => node.openDirectoryStore('./never-made', options),
  openObjectStore: (options) => node.openObjectStore('./never-made', options),
  serve: (options: object) => node.serve({ app: { fetch: async () => new Response() }, port: 0, ...options }),
  openS3Object: 'takes no options',
  isLoopback: 'takes no options',
} satisfies Table<typeof node>

/** The message of a refusal. */
async function refusalOf(call: () => unknown): Promise<string> {
  const thrown: unknown = await (async () => call())().then(
    () => 'it was taken',
    (error: unknown) => error,
  )
  if (!TrackwayError.isInstance(thrown)) throw new Error(`No TrackwayError: ${String(thrown)}`)
  expect(thrown.code).toBe('option_invalid')
  return thrown.message
}

test('every function of the server that takes options refuses an unknown one by its name', async () => {
  const calls = Object.entries<unknown>({ ...main, ...ofNode })
  let tried = 0
  for (const [name, call] of calls) {
    if (typeof call !== 'function') continue
    tried += 1
    expect(await refusalOf(() => call({ nonsense: 1 })), name).toMatch(
      /^\w+: unknown option 'nonsense'; it takes /,
    )
  }
  expect(tried).toBe(8)
})

test('options of the server must be of the right kind', async () => {
  const untyped = (of: object, name: string) => Reflect.get(of, name) as (...given: unknown[]) => unknown
  const app = { fetch: async () => new Response() }
  const cases: [() => unknown, string][] = [
    [() => untyped(server, 'createApp')(), 'createApp: the options have to be an object, such as { store:'],
    [() => untyped(server, 'createApp')({}), 'createApp: it needs { store }, an object store'],
    [() => untyped(server, 'createApp')({ store: './data' }), '{ store } has to be an object store'],
    [() => untyped(server, 'createApp')({ store, probe: 'allways' }), 'did you mean always?'],
    [() => untyped(server, 'createApp')({ store, origins: '*' }), '{ origins } has to be a list of texts'],
    [
      () => untyped(server, 'createApp')({ store, access: 'key' }),
      "{ access } has to be 'keys' or an object",
    ],
    [() => untyped(server, 'createApp')({ store, limits: { blobByte: 1 } }), 'did you mean blobBytes?'],
    [() => untyped(server, 'createApiKey')(store, { user: 'ada' }), 'it needs { roles }'],
    [
      () => untyped(server, 'createApiKey')(store, { user: 'ada', roles: { '*': 'boss' } }),
      '{ roles } has to be',
    ],
    [
      () => untyped(server, 'createApiKey')(store, { user: 'ada', roles: {}, expiresAt: '2030-01-01' }),
      '{ expiresAt } has to be a valid Date',
    ],
    [() => untyped(server, 'checkStore')(store, { readData: { part: 3, of: 2 } }), '{ readData } has to be'],
    [() => untyped(node, 'serve')({ app, port: '80' }), '{ port } has to be a whole number from 0 to 65535'],
    [() => untyped(node, 'serve')({ app: 5 }), '{ app } has to be an app, or a function that creates one'],
    [() => untyped(node, 'openObjectStore')(5), 'A store has to be a text'],
    [() => untyped(node, 'openDirectoryStore')(), 'A path has to be a text'],
  ]
  for (const [call, words] of cases) expect(await refusalOf(call)).toContain(words)
})

test('a limit that is undefined is the default', async () => {
  const limits = { blobBytes: undefined } as object // As types without exactOptionalPropertyTypes allow.
  const app = await server.createApp({ store: server.createMemoryStore(), access: { user: 'ada' }, limits })
  const service = await app.fetch(new Request('http://test/api/v1'))
  expect(await service.json()).toMatchObject({ limits: { blobBytes: 16 * 1024 * 1024 } })
})
