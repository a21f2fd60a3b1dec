import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, listAssets, login, type Session } from '../src/index.ts'
import { errorOf, temporaryFolder, writeFiles } from './test-server.ts'

/** A session with a store in a folder that has one version, in a folder that becomes the current one. */
async function begin(): Promise<{ session: Session; artifact: Artifact; current: string; top: string }> {
  const top = await temporaryFolder()
  const session = await login({ store: join(top, 'store'), quiet: true })
  const draft = new Artifact('sample', 'dataset')
  await draft.add(new Uint8Array([1]), { name: 'a' })
  await session.uploadArtifact(draft, { experiment: 'paths' })
  const artifact = await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'paths' })
  const current = join(top, 'current')
  await writeFiles(current, { '.env': 'SECRET', 'thesis.tex': 'years of work' })
  vi.spyOn(process, 'cwd').mockReturnValue(current)
  vi.stubEnv('TRACKWAY_ASSETS_DIR', join(top, 'assets'))
  onTestFinished(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })
  return { session, artifact, current, top }
}

test.each(['', ' ', '\n'])(
  'the empty path %j is refused, and never means the current folder',
  async (path) => {
    const { artifact, current } = await begin()
    const draft = new Artifact('other', 'dataset')
    for (const call of [
      () => draft.add(path),
      () => artifact.download(path),
      () => artifact.download(path, { overwrite: true }),
      () => artifact.verify(path),
      () => login({ store: path, quiet: true }),
    ]) {
      const { message } = await errorOf('option_invalid', call())
      expect(message).toContain('is empty')
    }
    expect(draft.fileCount).toBe(0)
    expect((await readdir(current)).sort()).toEqual(['.env', 'thesis.tex'])
  },
)

test('a path with a zero byte is refused in words', async () => {
  const { artifact } = await begin()
  const { message } = await errorOf('option_invalid', artifact.download('a\0b'))
  expect(message).toContain('NUL byte')
})

test('a variable that is blank counts as unset', async () => {
  const { current } = await begin()
  for (const name of ['TRACKWAY_STORE', 'TRACKWAY_HOST', 'TRACKWAY_ASSETS_DIR']) vi.stubEnv(name, ' ')
  vi.stubEnv('XDG_CACHE_HOME', join(current, 'cache'))
  expect((await login({ quiet: true })).url).toBe(join(current, '.trackway'))
  expect(await listAssets()).toEqual([])
})

test('~ means the home folder in every path', async () => {
  const { artifact, top } = await begin()
  vi.stubEnv('HOME', join(top, 'home'))
  await mkdir(join(top, 'home'))
  expect(await artifact.download('~/out')).toBe(join(top, 'home/out'))
  expect(await artifact.verify('~/out')).toMatchObject({ ok: true })
  const again = new Artifact('again', 'dataset')
  await again.add('~/out')
  expect(again.entryList.map(({ path }) => path)).toEqual(['a'])
  vi.stubEnv('TRACKWAY_ASSETS_DIR', '~/assets')
  expect(await artifact.download()).toContain(join(top, 'home/assets/'))
  vi.stubEnv('TRACKWAY_STORE', '~/store')
  expect((await login({ quiet: true })).url).toBe(join(top, 'home/store'))
  expect((await login({ store: '~/other', quiet: true })).url).toBe(join(top, 'home/other'))
  expect((await readdir(join(top, 'home'))).sort()).toEqual(['assets', 'other', 'out', 'store'])
})

test('~ at the beginning of a name is a part of it', async () => {
  const { artifact, current } = await begin()
  expect(await artifact.download('~$report')).toBe(join(current, '~$report'))
})

test.each(['', 'relative/home'])(
  'with HOME=%j there is no cache and no configuration, and all else works',
  async (home) => {
    const { session, artifact, top } = await begin()
    vi.stubEnv('HOME', home)
    vi.stubEnv('XDG_CACHE_HOME', 'relative/cache')
    vi.stubEnv('XDG_CONFIG_HOME', 'relative/config')
    vi.stubEnv('TRACKWAY_ASSETS_DIR', '')
    const draft = new Artifact('more', 'dataset')
    await draft.add(join(top, 'current/thesis.tex'))
    await session.uploadArtifact(draft, { experiment: 'paths' })
    expect(await artifact.download(join(top, 'out'))).toBe(join(top, 'out'))
    expect((await login({ store: join(top, 'store'), quiet: true })).storeId).toBe(session.storeId)
    const { message } = await errorOf('config_invalid', artifact.download())
    expect(message).toContain('TRACKWAY_ASSETS_DIR')
    const tilde = await errorOf('option_invalid', artifact.download('~/out'))
    expect(tilde.message).toContain('set HOME')
    expect(await readdir(top)).not.toContain('relative')
  },
)

test('a cache that cannot be used is only slower', async () => {
  const { artifact, session, top } = await begin()
  // A file where folders have to be stands for every reason: also root cannot write below it.
  await writeFile(join(top, 'cache'), 'not a folder')
  vi.stubEnv('XDG_CACHE_HOME', join(top, 'cache'))
  vi.stubEnv('TRACKWAY_ASSETS_DIR', join(top, 'cache/assets'))
  const draft = new Artifact('more', 'dataset')
  await draft.add(join(top, 'current'))
  await session.uploadArtifact(draft, { experiment: 'paths' })
  expect(await artifact.download(join(top, 'out'))).toBe(join(top, 'out'))
  expect(await session.getVersion('sample', 'dataset', 'V1', { experiment: 'paths' })).toMatchObject({
    tag: 'V1',
  })
})

test.runIf(process.platform === 'linux')(
  'a cache and an assets directory where no folders can be made, as below an automounter, end nothing in a loop',
  async () => {
    const { artifact, session, top } = await begin()
    // A folder that is there, and says of those to be made in it that they are not.
    vi.stubEnv('XDG_CACHE_HOME', '/proc/cache')
    vi.stubEnv('TRACKWAY_ASSETS_DIR', '/proc/assets')
    const draft = new Artifact('more', 'dataset')
    await draft.add(join(top, 'current'))
    await session.uploadArtifact(draft, { experiment: 'paths' })
    const { message } = await errorOf('file_not_found', artifact.download())
    expect(message).toContain('TRACKWAY_ASSETS_DIR')
  },
)

test('an assets directory that cannot be written to is named with its variable', async () => {
  const { artifact, top } = await begin()
  vi.stubEnv('TRACKWAY_ASSETS_DIR', join(top, 'current/thesis.tex/assets'))
  const { message } = await errorOf('file_error', artifact.download())
  expect(message).toMatch(/thesis\.tex.*a part of the path is not a folder.*TRACKWAY_ASSETS_DIR/)
})

test('a damaged cache counts as empty', async () => {
  const { artifact, session, top } = await begin()
  const cache = join(top, 'cache')
  vi.stubEnv('XDG_CACHE_HOME', cache)
  const use = async (number: number) => {
    const draft = new Artifact('more', 'dataset')
    await draft.add(join(top, 'current'))
    await session.uploadArtifact(draft, { experiment: 'paths' })
    await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'paths' })
    await artifact.download(join(top, `out-${number}`))
    await artifact.download()
  }
  await use(1)
  const kept = (await readdir(cache, { recursive: true, withFileTypes: true })).filter((item) =>
    item.isFile(),
  )
  expect(kept.length).toBeGreaterThan(2)
  for (const { parentPath, name } of kept) {
    await chmod(join(parentPath, name), 0o600)
    await writeFile(join(parentPath, name), 'damage')
  }
  await use(2)
})

test('a store that login makes keeps itself out of git', async () => {
  const { top } = await begin()
  expect(await readFile(join(top, 'store/.gitignore'), 'utf8')).toBe('*\n')
  await mkdir(join(top, 'mine'))
  await writeFile(join(top, 'mine/notes'), '')
  await login({ store: join(top, 'mine'), quiet: true })
  expect(await readdir(join(top, 'mine'))).not.toContain('.gitignore')
})
