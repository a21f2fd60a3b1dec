import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import {
  errorOf,
  noise,
  refusal,
  startServer,
  temporaryFolder,
  writeFiles,
  type TestServer,
} from './test-server.ts'
import { Artifact } from '../src/index.ts'

const MiB = 1024 * 1024
const files = {
  'README.md': new TextEncoder().encode('read me'),
  'train/.hidden.csv': noise(100, 2),
  'train/a.csv': noise(2000, 3),
  'train/b.json': noise(3000, 4),
  'weights.bin': noise(9 * MiB, 5),
}

let server: TestServer
let artifact: Artifact
let parent: string

beforeEach(async () => {
  server = await startServer()
  const draft = new Artifact('sample', 'dataset')
  for (const [name, bytes] of Object.entries(files)) await draft.add(bytes, { name })
  await server.session.uploadArtifact(draft)
  artifact = await server.session.getArtifact('sample', 'dataset')
  parent = await temporaryFolder()
  server.forget()
})

/** Makes the nth answer that carries a blob something else. */
function spoil(nth: number, spoiled: (response: Response) => Promise<Response>): void {
  let count = 0
  server.intercept(async (request) => {
    if (!request.url.includes('/blobs/')) return undefined
    count += 1
    const response = await server.fetch(request)
    return count < nth ? response : spoiled(response)
  })
}

test('patterns choose what is downloaded, and the rest is not fetched', async () => {
  const folder = await artifact.download(join(parent, 'csv'), { include: '**/*.csv' })
  expect(await readdir(folder, { recursive: true })).toEqual(['train', 'train/.hidden.csv', 'train/a.csv'])
  expect(server.requests).toHaveLength(1)
  const rest = await artifact.download(join(parent, 'rest'), {
    include: ['train/*', '*.md'],
    exclude: '**/*.csv',
  })
  expect((await readdir(rest, { recursive: true })).sort()).toEqual(['README.md', 'train', 'train/b.json'])
  await errorOf('not_found', artifact.download(join(parent, 'none'), { include: '*.parquet' }))
})

test('downloading again is harmless, and other content of the target is kept', async () => {
  const target = join(parent, 'deep/er/out')
  expect(await artifact.download(target)).toBe(target)
  server.forget()
  expect(await artifact.download(target)).toBe(target)
  expect(server.requests).toEqual([])

  await appendFile(join(target, 'README.md'), '!')
  const error = await errorOf('target_exists', artifact.download(target))
  expect(error.message).toContain(target)
  expect(await readFile(join(target, 'README.md'), 'utf8')).toBe('read me!')
  await artifact.download(target, { overwrite: true })
  expect(await artifact.verify(target)).toMatchObject({ ok: true })
  expect(await readdir(join(parent, 'deep/er'))).toEqual(['out'])
})

test('{ verify } repairs a folder: missing or changed files are fetched, the rest is kept', async () => {
  const target = join(parent, 'out')
  await artifact.download(target)
  await appendFile(join(target, 'README.md'), '!')
  await rm(join(target, 'train/b.json'))
  server.forget()
  expect(await artifact.download(target, { verify: true })).toBe(target)
  expect(await artifact.verify(target)).toMatchObject({ ok: true })
  // Small files share a blob, of which ranges are fetched.
  expect(server.requests.length).toBeLessThanOrEqual(2)
  server.forget()
  await artifact.download(target, { verify: true })
  expect(server.requests).toEqual([])
  expect(await readdir(parent)).toContain('out')

  await writeFile(join(target, 'mine'), 'mine')
  const error = await errorOf('target_exists', artifact.download(target, { verify: true }))
  expect(error.message).toContain('it holds other files, such as mine')
  expect(await readFile(join(target, 'mine'), 'utf8')).toBe('mine')
})

test('an empty folder is replaced, a file is not, and a link to a folder stays a link', async () => {
  await mkdir(join(parent, 'empty'))
  await artifact.download(join(parent, 'empty'))
  await writeFiles(parent, { file: 'x' })
  await errorOf('target_exists', artifact.download(join(parent, 'file')))
  await errorOf('target_exists', artifact.download(join(parent, 'file/below')))
  await mkdir(join(parent, 'real'))
  await symlink('real', join(parent, 'link'))
  expect(await artifact.download(join(parent, 'link'))).toBe(join(parent, 'link'))
  expect(await artifact.verify(join(parent, 'real'))).toMatchObject({ ok: true })
  expect((await readdir(parent)).sort()).toEqual(['empty', 'file', 'link', 'real'])
})

test.each([1, 3])('a server that fails at blob %i leaves nothing of less than 1 MiB', async (nth) => {
  spoil(nth, async () => refusal())
  await errorOf('forbidden', artifact.download(join(parent, 'a/b/out')))
  expect(await readdir(parent)).toEqual([])
})

test('altered or shortened bytes are never written', async () => {
  const spoiled = [
    async (response: Response) => {
      const bytes = new Uint8Array(await response.arrayBuffer())
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      return new Response(bytes, response)
    },
    async (response: Response) => {
      const bytes = await response.arrayBuffer()
      return new Response(bytes.slice(1), { status: response.status })
    },
  ]
  for (const spoiling of spoiled) {
    for (const nth of [1, 3]) {
      spoil(nth, spoiling)
      await errorOf('integrity_error', artifact.download(join(parent, 'out')))
      expect(await readdir(parent)).toEqual([])
    }
  }
})

test('an abort in the middle leaves nothing of less than 1 MiB', async () => {
  const abort = new AbortController()
  spoil(3, async (response) => {
    abort.abort(new Error('enough'))
    return response
  })
  const error = await errorOf('aborted', artifact.download(join(parent, 'out'), { signal: abort.signal }))
  expect(error.cause).toEqual(new Error('enough'))
  expect(await readdir(parent)).toEqual([])
})

test('nobody sees a folder before it is complete', async () => {
  const seen: string[][] = []
  spoil(1, async (response) => {
    seen.push(await readdir(parent))
    return response
  })
  await artifact.download(join(parent, 'out'))
  expect(seen.length).toBeGreaterThan(3)
  expect(seen.flat().every((name) => name.startsWith('out.trackway-'))).toBe(true)
  expect(await readdir(parent)).toEqual(['out'])
})

test('two concurrent downloads to one target both succeed', async () => {
  const target = join(parent, 'out')
  expect(await Promise.all([artifact.download(target), artifact.download(target)])).toEqual([target, target])
  expect(await readdir(parent)).toEqual(['out'])
})

test('verify names what is missing, changed and extra', async () => {
  const folder = await artifact.download(join(parent, 'out'))
  await rm(join(folder, 'train/b.json'))
  await writeFile(join(folder, 'train/a.csv'), noise(2000, 99))
  await writeFiles(folder, { 'train/new/x': '' })
  expect(await artifact.verify(folder)).toEqual({
    ok: false,
    missing: ['train/b.json'],
    changed: ['train/a.csv'],
    extra: ['train/new/x'],
  })
  await errorOf('file_not_found', artifact.verify(join(parent, 'nowhere')))
})

test('without a folder a version is downloaded to the assets directory, and found there without a request', async () => {
  vi.stubEnv('TRACKWAY_ASSETS_DIR', join(parent, 'assets'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const folder = await artifact.download()
  const { storeId } = server.session
  const [origin = ''] = await readdir(join(parent, 'assets'))
  expect(origin).toMatch(/^test-[0-9a-f]{12}$/)
  expect(folder).toBe(join(parent, 'assets', origin, storeId, 'tests/uncategorized/dataset/sample/V1'))
  const [marker = '', ...lines] = (await readFile(join(folder, '.SUCCESS'), 'utf8')).split('\n')
  expect(JSON.parse(marker)).toMatchObject({ address: 'http://test', storeId, digest: artifact.digest })
  expect(lines).toContain('7 README.md')
  server.forget()
  expect(await artifact.download()).toBe(folder)
  expect(server.requests).toEqual([])

  await rm(join(folder, '.SUCCESS'))
  await rm(join(folder, 'README.md'))
  await artifact.download({ quiet: true })
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('read me')
  expect(await readdir(join(folder, '..'))).toEqual(['V1'])
})

test('entries that are not uploaded cannot be downloaded', async () => {
  await artifact.add(noise(1), { name: 'new' })
  await errorOf('option_invalid', artifact.download(join(parent, 'out')))
  await errorOf('option_invalid', artifact.download())
  await errorOf('option_invalid', new Artifact('sample', 'dataset').download(join(parent, 'out')))
})

test('a folder has the usual mode, and files that may not be run', async () => {
  await mkdir(join(parent, 'usual'))
  const folder = await artifact.download(join(parent, 'out'))
  expect((await stat(folder)).mode).toBe((await stat(join(parent, 'usual'))).mode)
})
