import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultLimits, sha256 } from '@trackway/protocol'
import { commitFiles } from '@trackway/simulation'
import { expect, onTestFinished, test } from 'vitest'
import { openDirectoryStore } from '../src/node/index.ts'
import { openEngine } from '../src/engine/engine.ts'
import { layout } from '../src/layout.ts'
import { artifact, openApp } from './engine-app.ts'

const bin = fileURLToPath(new URL('../bin/trackway-server.js', import.meta.url))
const encoder = new TextEncoder()

function run(...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...words], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr })
    })
  })
}

/** A folder with three versions of an artifact. */
async function openFilled() {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-upkeep-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const app = await openApp({ store: await openDirectoryStore(folder) })
  for (const content of ['one', 'two', 'three']) await app.commit(content)
  const pathOf = (content: string) => join(folder, layout.blob('t', sha256(encoder.encode(content))))
  return { folder, app, pathOf }
}

test('check says that a store is whole, or names what is damaged and what that affects', async () => {
  const { folder, pathOf } = await openFilled()
  expect(await run('check', '--store', folder, '--read-data')).toEqual({
    code: 0,
    output: expect.stringContaining('Nothing is damaged.'),
  })
  await unlink(pathOf('one'))
  await writeFile(pathOf('one'), 'One')
  const { code, output } = await run('check', '--store', folder, '--read-data')
  expect(code).toBe(1)
  expect(output).toContain('affects e/dataset/sample:V1')
  const again = await run('check', '--store', folder, '--json')
  expect(again.code).toBe(1)
  expect(JSON.parse(again.output)).toMatchObject({
    ok: false,
    damages: [{ kind: 'missing', versions: ['e/dataset/sample:V1'] }],
  })
})

test('one part of the blobs can be checked by its number, and a wrong number is refused', async () => {
  const { folder } = await openFilled()
  const reads = await Promise.all(
    ['1/2', '2/2'].map(async (part) => {
      const { output } = await run('check', '--store', folder, '--read-data-subset', part, '--json')
      return Number(JSON.parse(output).readBlobs)
    }),
  )
  expect(reads[0] ?? 0).toBe(3 - (reads[1] ?? 0))
  expect((await run('check', '--store', folder, '--read-data-subset', '3/2')).code).toBe(1)
})

test('retention shows what it would delete, deletes it, and gc frees it a week later', async () => {
  const { folder, app, pathOf } = await openFilled()
  const place = ['--store', folder, '--team', 't', '--experiment', 'e']
  const preview = await run('retention', ...place, '--keep-last', '2', '--dry-run')
  expect(preview.output).toContain('dataset/sample:V1')
  expect(preview.output).toContain('t/e: 1 version would be deleted, 2 stay')
  expect(await run('retention', ...place)).toMatchObject({
    code: 1,
    output: expect.stringContaining('retention needs --keep-last, --older-than or both'),
  })
  const done = await run('retention', ...place, '--keep-last', '2', '--older-than', '0d')
  expect(done.output).toContain('t/e: 1 version was deleted, 2 stay')
  expect(await app.send('GET', `${artifact}/versions/V1`)).toMatchObject({ status: 410 })

  expect((await run('gc', '--store', folder)).output).toContain('deleted 0 blobs and 0 manifests')
  const old = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000)
  const tombstone = layout.tombstone({ team: 't', experiment: 'e', type: 'dataset', name: 'sample' }, 1)
  for (const path of [join(folder, tombstone), pathOf('one')]) await utimes(path, old, old)
  expect((await run('gc', '--store', folder, '--dry-run')).output).toContain('would delete 1 blob and')
  expect(await readFile(pathOf('one'), 'utf8')).toBe('one')
  const swept = JSON.parse((await run('gc', '--store', folder, '--json')).output)
  expect(swept).toMatchObject({ dryRun: false, teams: { t: { blobs: 1, bytes: 3, versions: 2 } } })
  await expect(readFile(pathOf('one'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect((await run('check', '--store', folder, '--read-data')).code).toBe(0)
})

test('retention covers all teams and experiments unless options narrow it', async () => {
  const { folder } = await openFilled()
  const store = await openDirectoryStore(folder)
  const engine = await openEngine({ store, limits: defaultLimits })
  for (const at of [
    { team: 't', experiment: 'Flowers' },
    { team: 'u', experiment: 'e' },
  ]) {
    for (const content of ['one', 'two']) {
      const scope = { ...at, type: 'dataset', name: 'sample' }
      await commitFiles(engine, { scope, files: { file: encoder.encode(content) }, commitId: randomUUID() })
    }
  }
  const preview = async (...flags: string[]) => {
    const words = ['retention', '--store', folder, '--keep-last', '1', '--dry-run', ...flags]
    const { output } = await run(...words)
    return output.split('\n').flatMap((line) => /^\w+\/\w+: \d+ versions? would be deleted/.exec(line) ?? [])
  }
  const all = [
    't/e: 2 versions would be deleted',
    't/flowers: 1 version would be deleted',
    'u/e: 1 version would be deleted',
  ]
  expect(await preview()).toEqual(all)
  expect(await preview('--team', 'T')).toEqual(all.slice(0, 2))
  expect(await preview('--experiment', 'e')).toEqual([all[0], all[2]])
  expect(await preview('--team', 'u', '--experiment', 'E')).toEqual([all[2]])
  const noType = await run('retention', '--store', folder, '--keep-last', '1', '--type', 'datset')
  expect(noType).toMatchObject({
    code: 1,
    output: expect.stringContaining('No artifact of the type datset has versions in the folder'),
  })
  const misspelt = await run('retention', '--store', folder, '--keep-last', '1', '--experiment', 'f')
  expect(misspelt).toEqual({
    code: 1,
    output: expect.stringContaining('There is no experiment f in any team'),
  })
  const done = await run('retention', '--store', folder, '--keep-last', '1', '--json')
  expect(JSON.parse(done.output)).toMatchObject({
    dryRun: false,
    experiments: [{ team: 't', experiment: 'e', kept: 1 }, { experiment: 'flowers' }, { team: 'u', kept: 1 }],
  })
})

test('a team that cannot be swept does not keep others from it', async () => {
  const { folder } = await openFilled()
  const store = await openDirectoryStore(folder)
  const bytes = encoder.encode('blobs, and no version')
  await store.putIfAbsent(layout.blob('another', sha256(bytes)), bytes)
  const { code, output } = await run('gc', '--store', folder)
  expect(code).toBe(1)
  expect(output).toMatch(/another: .*sweep_refused/)
  expect(output).toContain('t: deleted 0 blobs')
})

test('gc does not say that nothing is stored if nothing could be swept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-upkeep-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const store = await openDirectoryStore(folder)
  await openEngine({ store, limits: defaultLimits })
  const bytes = encoder.encode('blobs, and no version')
  await store.putIfAbsent(layout.blob('another', sha256(bytes)), bytes)
  const { code, output } = await run('gc', '--store', folder)
  expect(code).toBe(1)
  expect(output).toMatch(/^another: .*sweep_refused\)\n$/)
})

test.each([['check'], ['gc', '--dry-run'], ['retention', '--keep-last', '3', '--dry-run']])(
  '%s makes no store of a place that holds none',
  async (...words) => {
    const empty = await mkdtemp(join(tmpdir(), 'trackway-upkeep-'))
    onTestFinished(() => rm(empty, { recursive: true }))
    const missing = join(empty, 'misspelt')
    for (const location of [empty, missing]) {
      const { code, output } = await run(...words, '--store', location)
      expect(code).toBe(1)
      expect(output).toContain('There is no Trackway store in the folder')
    }
    expect(await readdir(empty)).toEqual([])
  },
)
