import { createMock } from '@trackway/mock-server'
import { expect, test } from 'vitest'
import * as sdk from '../src/index.ts'
import type { ByteStream } from '../src/index.ts'
import { freshFunctions } from './fresh-functions.ts'
import { errorOf } from './test-server.ts'

/** Objects that are not a set of options. */
type NotOptions =
  | sdk.Artifact
  | sdk.Asset
  | sdk.Spec
  | ArrayBuffer
  | Blob
  | ByteStream
  | Record<string, number>
  | Uint8Array
  | URL

type OptionsOf<Call extends (...args: never) => unknown> = Exclude<
  Parameters<Call>[number],
  NotOptions | number | string | undefined
>

/** Calls a function with these options in place of right ones. */
type Try = (options: never) => unknown

/** Every function of these: a call of each that takes options, and the reason for each of the others. */
type Table<Functions> = {
  [Name in keyof Functions as Functions[Name] extends (...args: never) => unknown
    ? Name
    : never]: Functions[Name] extends (...args: never) => unknown
    ? [OptionsOf<Functions[Name]>] extends [never]
      ? 'takes no options'
      : Try | Try[]
    : never
}

/** A session with a stored artifact in a run, and all functions, or this does not compile. */
async function allFunctions() {
  const mock = createMock()
  await mock.seed({ 'dataset/sample': { 'a.csv': '1,2' } })
  const connection = { host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true }
  const functions = await freshFunctions()
  const session = await functions.login(connection)
  const run = await functions.init({ quiet: true })
  const artifact = await session.getArtifact('sample', 'dataset')
  const entry = artifact.entry('a.csv')
  await run.flush()

  const tables = {
    session: {
      init: (options) => session.init(options),
      getArtifact: (options) => session.getArtifact('sample', 'dataset', 'V1', options),
      uploadArtifact: (options) => session.uploadArtifact(artifact, options),
      fetchAsset: (options) => session.fetchAsset('dataset/sample:V1', options),
      push: [
        (options) => session.push('dataset/sample', options),
        (into) => session.push('dataset/sample', { to: session, into }),
      ],
      pushAll: (options) => session.pushAll('dataset/sample', options),
      setAlias: (options) => session.setAlias('sample', 'dataset', 'production', 'V1', options),
      removeAlias: (options) => session.removeAlias('sample', 'dataset', 'production', options),
      deleteVersion: (options) => session.deleteVersion('sample', 'dataset', 'V1', options),
      restoreVersion: (options) => session.restoreVersion('sample', 'dataset', 'V1', options),
      applyRetention: [
        (rules) => session.applyRetention(rules),
        (options) => session.applyRetention({ keepLast: 1 }, options),
      ],
      listExperiments: (options) => session.listExperiments(options),
      listArtifacts: (options) => session.listArtifacts(options),
      getVersion: (options) => session.getVersion('sample', 'dataset', 'V1', options),
      listVersions: (options) => session.listVersions('sample', 'dataset', options),
      updateVersion: [
        (change) => session.updateVersion('sample', 'dataset', 'V1', change),
        (options) => session.updateVersion('sample', 'dataset', 'V1', { description: 'x' }, options),
      ],
      getVersionHistory: (options) => session.getVersionHistory('sample', 'dataset', 'V1', options),
      getAliasHistory: (options) => session.getAliasHistory('sample', 'dataset', 'production', options),
      listAliases: (options) => session.listAliases('sample', 'dataset', options),
      listRuns: (options) => session.listRuns(options),
      getRun: (options) => session.getRun(run.name, options),
      getLog: (options) => session.getLog(run.name, options),
      getLineage: (options) => session.getLineage('sample', 'dataset', 'V1', options),
      sync: (options) => session.sync(options),
      [Symbol.asyncDispose]: 'takes no options',
    } satisfies Table<sdk.Session>,
    artifact: {
      add: (options) => artifact.add(new Uint8Array(1), options),
      addReference: (options) => artifact.addReference('https://data.test/a.csv', options),
      remove: 'takes no options',
      entry: 'takes no options',
      download: [
        (options) => artifact.download(options),
        (options) => artifact.download('./nowhere', options),
      ],
      archive: [
        (options) => new Response(artifact.archive(options).stream()).text(),
        (options) => artifact.archive(options).blob(),
      ],
      verify: (options) => artifact.verify('./nowhere', options),
      checksums: (options) => artifact.checksums(options),
      diff: (options) => artifact.diff(artifact, options),
    } satisfies Table<sdk.Artifact>,
    entry: {
      text: (options) => entry.text(options),
      json: (options) => entry.json(options),
      bytes: (options) => entry.bytes(options),
      stream: (options) => new Response(entry.stream(options)).text(),
      url: (options) => entry.url(options),
    } satisfies Table<sdk.Entry>,
    run: {
      log: (options) => run.log({ loss: 1 }, options),
      flush: (options) => run.flush(options),
      finish: (options) => run.finish(options),
      [Symbol.asyncDispose]: 'takes no options',
    } satisfies Table<sdk.Run>,
    module: {
      login: (options) => functions.login(options),
      init: (options) => functions.init(options),
      getArtifact: (options) => functions.getArtifact('sample', 'dataset', 'V1', options),
      uploadArtifact: (options) => functions.uploadArtifact(artifact, options),
      fetchAsset: (options) => functions.fetchAsset('dataset/sample:V1', options),
      setAlias: (options) => functions.setAlias('sample', 'dataset', 'production', 'V1', options),
      log: (options) => functions.log({ loss: 1 }, options),
      finish: (options) => functions.finish(options),
      changeProjectConfig: (options) => sdk.changeProjectConfig(options),
      changeUserConfig: (options) => sdk.changeUserConfig(options),
      removeAsset: (options) => sdk.removeAsset('dataset/sample:V1', options),
      pruneAssets: (options) => sdk.pruneAssets(options),
      readProjectConfig: 'takes no options',
      readUserConfig: 'takes no options',
      listAssets: 'takes no options',
      formatSpec: 'takes no options',
      parseSpec: 'takes no options',
      printable: 'takes no options',
      formatBytes: 'takes no options',
    } satisfies Table<typeof sdk>,
    constructors: {
      Artifact: async (options: never) => new sdk.Artifact('sample', 'dataset', options),
    },
  }
  const calls = Object.entries(tables).flatMap(([of, table]) =>
    Object.entries<'takes no options' | Try | Try[]>(table).flatMap(([name, tries]) =>
      tries === 'takes no options' ? [] : [tries].flat().map((call) => ({ name: `${of}.${name}`, call })),
    ),
  )
  return { mock, session, artifact, run, functions, calls }
}

/** The message of the refusal, which must come before anything is sent. */
async function refusalOf(call: () => unknown): Promise<string> {
  const { message } = await errorOf(
    'option_invalid',
    (async () => call())(), // Whether it throws or rejects.
  )
  return message
}

test('every function of the SDK that takes options refuses an unknown one by its name', async () => {
  const { calls, mock } = await allFunctions()
  const before = mock.requests.length
  expect(calls.length).toBeGreaterThan(50)
  for (const { name, call } of calls) {
    const message = await refusalOf(() => call({ nonsense: 1 } as never)) // As callers without types may.
    expect(message, name).toMatch(/unknown option 'nonsense'|new Artifact .* nonsense$/)
  }
  expect(mock.requests.length).toBe(before)
})

test.each([
  ['a text', 'x'],
  ['null', null],
  ['a list', []],
  ['a signal', AbortSignal.timeout(60_000)],
  ['a promise', Promise.resolve({})],
  ['a number', 8],
])('%s in place of options is refused by every function that takes them', async (_, wrong) => {
  const { calls, mock } = await allFunctions()
  const before = mock.requests.length
  for (const { name, call } of calls) {
    // An archive of what is not a set of options, and a text to download to, are other calls.
    if (name === 'artifact.download') continue
    const message = await refusalOf(() => call(wrong as never)) // As callers without types may.
    // A text after a spec may be meant as a type.
    expect(message, name).toMatch(/object|pass either a spec|it needs { to }/)
  }
  expect(mock.requests.length).toBe(before)
})

test('the error for a misspelled option suggests the right name, and for any other lists all names', async () => {
  const { session, artifact, functions } = await allFunctions()
  const messages = await Promise.all([
    refusalOf(() => session.uploadArtifact(artifact, { onConflit: 'merge' } as object)),
    refusalOf(() => functions.login({ apikey: 'tw_secret' } as object)),
    refusalOf(() => functions.login({ retry: { firstDelay: 1 } as object })),
    refusalOf(() => session.push('dataset/sample', { to: session, into: { experimnt: 'x' } as object })),
    refusalOf(() => session.getLog('some-run', { limit: 5 } as object)),
  ])
  expect(messages).toEqual([
    "uploadArtifact: unknown option 'onConflit'; did you mean onConflict?",
    "login: unknown option 'apikey'; did you mean apiKey?",
    "login: { retry }: unknown option 'firstDelay'; did you mean firstDelayMs?",
    "push, { into }: unknown option 'experimnt'; did you mean experiment?",
    "getLog: unknown option 'limit'; it takes experiment, team, signal",
  ])
})

test('an undefined option counts as omitted', async () => {
  const { session, artifact } = await allFunctions()
  const nothing = { team: undefined, experiment: undefined, signal: undefined }
  expect((await session.getArtifact('sample', 'dataset', undefined, nothing)).tag).toBe('V1')
  const all = { ...nothing, onConflict: undefined, tag: undefined, concurrency: undefined, quiet: undefined }
  expect((await session.uploadArtifact(artifact, all)).tag).toBe('V1')
})

test('values of the wrong kind are refused before anything is sent', async () => {
  const { session, artifact, run, functions, mock } = await allFunctions()
  const before = mock.requests.length
  const add = (options: object) => artifact.add(new Uint8Array(1), { name: 'x', ...options })
  const upload = (options: object) => session.uploadArtifact(artifact, options)
  const cases: [() => unknown, string][] = [
    [
      () => upload({ onConflict: 'mrege' }),
      "'next', 'merge' or 'fail', and not 'mrege'; did you mean merge?",
    ],
    [
      () => upload({ concurrency: '8' }),
      "whole number from 1 to 1000, such as { concurrency: 8 }, and not '8'",
    ],
    [() => upload({ concurrency: 0 }), 'and not 0'],
    [() => upload({ concurrency: 1.5 }), 'and not 1.5'],
    [() => upload({ hashCache: 'false' }), '{ hashCache } has to be true or false'],
    [() => upload({ signal: new AbortController() }), '{ signal } has to be an AbortSignal'],
    [() => upload({ tag: 3 }), "{ tag } has to be a text, such as { tag: 'V3' }, and not 3"],
    [() => session.applyRetention({ keepLast: -1 }), '{ keepLast } has to be a whole number from 1 on'],
    [() => session.getVersion('sample', 'dataset', 'V1', { team: 5 } as object), '{ team } has to be a text'],
    [() => session.push('dataset/sample', {} as never), 'push: it needs { to }, a session'],
    [() => session.push('dataset/sample', 5 as never), 'push: the options have to be an object'],
    [() => session.push('dataset/sample', { to: mock } as never), '{ to } has to be a session'],
    [() => add({ gitignore: 'yes' }), '{ gitignore } has to be true or false'],
    [() => add({ ignore: [/a/] }), '{ ignore } has to be a text or a list of texts'],
    [
      () => artifact.addReference('https://data.test/a', { size: '5' } as object),
      '{ size } has to be a whole',
    ],
    [() => artifact.download('./x', { include: 5 } as object), '{ include } has to be a text or a list'],
    [() => artifact.archive({ include: 5 } as object).blob(), '{ include } has to be a text or a list'],
    [() => artifact.entry('a.csv').bytes({ start: -1 }), '{ start } has to be a whole number'],
    [() => artifact.entry('a.csv').url({ expiresInSeconds: 0.5 }), '{ expiresInSeconds } has to be a whole'],
    [() => new Response(artifact.entry('a.csv').stream({ signal: 5 } as object)).text(), '{ signal }'],
    [() => run.finish({ state: 'done' } as object), "'finished' or 'failed', and not 'done'"],
    [() => run.log({ loss: 1 }, [] as object), 'the options have to be an object'],
    [() => session.init({ config: [] } as object), 'it has to be an object'],
    [() => new sdk.Artifact('sample', 'dataset', { metadata: [] } as object), 'it has to be an object'],
    [() => functions.login({ host: new URL('http://x') } as object), '{ host } has to be a text'],
    [
      () => functions.login({ retry: 5 } as object),
      '{ retry } has to be an object, such as { retry: { budgetMs',
    ],
    [() => sdk.pruneAssets({ keep: '3' } as object), '{ keep } has to be a whole number'],
  ]
  for (const [call, words] of cases) expect(await refusalOf(call)).toContain(words)
  expect(mock.requests.length).toBe(before)
})

test('arguments of the wrong type are refused with what is expected, before anything is sent', async () => {
  const { session, artifact, run, functions, mock } = await allFunctions()
  const before = mock.requests.length
  // As callers without types do.
  const untyped = (of: object, name: string) =>
    (Reflect.get(of, name) as (...given: unknown[]) => unknown).bind(of)
  const cases: [() => unknown, string][] = [
    [() => Reflect.construct(sdk.Artifact, [{ name: 'sample', type: 'dataset' }]), "such as 'sample'"],
    [() => Reflect.construct(sdk.Artifact, ['sample']), 'The name of a type has to be a text'],
    [() => untyped(session, 'getArtifact')(), 'A spec has to be a text'],
    [() => untyped(session, 'getArtifact')('sample', 'dataset', 2), "such as 'V2'; this is a number"],
    [
      () => untyped(session, 'getArtifact')('sample', 'dataset', 'V1', 'x'),
      'the options have to be an object',
    ],
    [() => untyped(session, 'getRun')(), 'The name of a run has to be a text'],
    [() => untyped(session, 'getLog')(null), 'The name of a run has to be a text'],
    [() => untyped(session, 'deleteVersion')('sample', 'dataset'), "A tag has to be a text, such as 'V2'"],
    [() => untyped(session, 'setAlias')('dataset/sample', 5), 'The name of an alias has to be a text'],
    [
      () => untyped(session, 'updateVersion')('sample', 'dataset', 'V1'),
      'pass { description } or { metadata }',
    ],
    [() => untyped(session, 'applyRetention')('all'), 'the options have to be an object'],
    [() => untyped(session, 'uploadArtifact')('folder'), 'This is not an Artifact'],
    [() => untyped(session, 'uploadArtifact')(), 'This is not an Artifact'],
    [
      () => untyped(session, 'fetchAsset')({ name: 'sample' }),
      "A spec has to be a text, such as 'dataset/sample:V2'",
    ],
    [() => untyped(functions, 'fetchAsset')(5), 'A spec has to be a text'],
    [() => untyped(session, 'push')('dataset/sample'), 'push: it needs { to }'],
    [() => untyped(session, 'init')('name'), "such as { run: 'first-try' }"],
    [() => untyped(functions, 'login')('http://x'), "such as { host: 'http://127.0.0.1:9111' }"],
    [() => untyped(run, 'log')('loss', 3), 'object'],
    [() => untyped(artifact, 'add')(), 'undefined cannot be added'],
    [() => untyped(artifact, 'addReference')(5), 'The address has to be a text'],
    [() => untyped(artifact, 'download')(5), 'download: the options have to be an object'],
    [() => untyped(artifact, 'download')(null), 'download: the options have to be an object'],
    [() => untyped(artifact, 'download')({ folder: './x' }), "unknown option 'folder'"],
    [() => untyped(artifact, 'verify')(5), 'A path has to be a text'],
    [() => untyped(artifact, 'diff')('V1'), 'This is not an Artifact'],
    [() => untyped(artifact, 'entry')(5), 'The path of an entry has to be a text'],
    [() => untyped(artifact, 'remove')(), 'The path of an entry has to be a text'],
    [() => untyped(sdk, 'removeAsset')(5), 'A spec has to be a text'],
    [() => untyped(sdk, 'pruneAssets')(), 'pass { keep } or { maxBytes }'],
    [() => untyped(sdk, 'parseSpec')(5), 'A spec has to be a text'],
  ]
  for (const [call, words] of cases) {
    const error: unknown = await (async () => call())().then(
      () => 'it was taken',
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(option|name)_invalid$/),
      message: expect.stringContaining(words),
    })
  }
  expect(mock.requests.slice(before)).toEqual([])
})

test('an upload contains what the artifact has at the call', async () => {
  const { session } = await allFunctions()
  const artifact = new sdk.Artifact('other', 'dataset')
  await artifact.add(new Uint8Array(1), { name: 'a' })
  await artifact.add(new Uint8Array(2), { name: 'b' })
  const uploading = session.uploadArtifact(artifact)
  artifact.remove('b')
  await uploading
  const stored = await session.getArtifact('other', 'dataset')
  expect(stored.entryList.map(({ path }) => path)).toEqual(['a', 'b'])
})

test('even without a run, the error is about the argument of the wrong type', async () => {
  const mock = createMock()
  const session = await sdk.login({ host: mock.url, apiKey: mock.apiKey, fetch: mock.fetch, quiet: true })
  const nothing = undefined as never // As callers without types may.
  await errorOf('name_invalid', session.getRun(nothing))
  await errorOf('name_invalid', session.getLog(nothing))
  await errorOf('option_invalid', session.uploadArtifact(nothing))
})
