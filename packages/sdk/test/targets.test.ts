import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import {
  chmod,
  chown,
  cp,
  lstat,
  lchown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login, type Session } from '../src/index.ts'
import { canMount, mount, mountMemory, remount } from './mounts.ts'
import { errorOf, noise, temporaryFolder, writeFiles } from './test-server.ts'

const MiB = 1024 * 1024
const experiment = 'targets'
const stranger = 12_345
const files = { 'deep/b.txt': 'b', 'a.bin': noise(3 * MiB, 4), 'c.txt': 'c' }

let top: string
let session: Session
let artifact: Artifact

beforeEach(async () => {
  top = await temporaryFolder()
  await chmod(top, 0o755)
  session = await login({ store: join(top, 'store'), quiet: true })
  const draft = new Artifact('sample', 'dataset')
  for (const [name, content] of Object.entries(files))
    await draft.add(typeof content === 'string' ? Buffer.from(content) : content, { name })
  await session.uploadArtifact(draft, { experiment })
  artifact = await session.getArtifact('sample', 'dataset', 'V1', { experiment })
}, 60_000)

/** What a target contains afterwards: the version, and no temporary files. */
async function expectWhole(target: string, parent = join(target, '..')): Promise<void> {
  expect(await artifact.verify(target)).toMatchObject({ ok: true })
  expect((await readdir(target)).filter((name) => name !== 'lost+found').sort()).toEqual([
    'a.bin',
    'c.txt',
    'deep',
  ])
  expect((await readdir(parent)).filter((name) => name.includes('.trackway-'))).toEqual([])
}

/** Downloads, and returns how many bytes were already there. */
async function reusedBytes(version: Artifact, target: string): Promise<number> {
  let reused = 0
  await version.download(target, { onProgress: (progress) => void (reused = progress.reusedBytes) })
  return reused
}

function enter(folder: string): void {
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  onTestFinished(() => void vi.restoreAllMocks())
}

describe('the current folder', () => {
  test('stays the same folder when it is filled or replaced', async () => {
    const here = join(top, 'here')
    await mkdir(here)
    const { ino } = await lstat(here)
    enter(here)
    expect(await artifact.download('.')).toBe(here)
    await expectWhole(here)
    await writeFiles(here, { 'other/file': 'x', 'c.txt': 'changed' })
    await errorOf('target_exists', artifact.download('.'))
    expect(await readFile(join(here, 'c.txt'), 'utf8')).toBe('changed')
    await artifact.download('.', { overwrite: true })
    await expectWhole(here)
    expect((await lstat(here)).ino).toBe(ino)
  })

  test('is not removed with a folder above it', async () => {
    const here = join(top, 'above/here')
    await mkdir(here, { recursive: true })
    enter(here)
    const { message } = await errorOf(
      'file_error',
      artifact.download(join(top, 'above'), { overwrite: true }),
    )
    expect(message).toContain('it contains the current folder')
    expect(await readdir(join(top, 'above'))).toEqual(['here'])
  })
})

describe('symbolic links', () => {
  test('are replaced themselves, and their targets stay', async () => {
    await artifact.download(join(top, 'whole'))
    await symlink(join(top, 'whole'), join(top, 'to-the-same'))
    const precious = join(top, 'precious')
    await writeFiles(precious, { thesis: 'years of work' })
    await symlink(precious, join(top, 'link'))
    await symlink(join(top, 'nowhere'), join(top, 'dangling'))
    await writeFile(join(top, 'file'), 'x')
    for (const name of ['link', 'dangling', 'to-the-same', 'file']) {
      const target = join(top, name)
      if (name === 'to-the-same') expect(await artifact.download(target)).toBe(target)
      else await errorOf('target_exists', artifact.download(target))
      await artifact.download(target, { overwrite: true })
      expect((await lstat(target)).isDirectory()).toBe(true)
      await expectWhole(target)
    }
    expect(await readdir(precious)).toEqual(['thesis'])
    await expectWhole(join(top, 'whole'))
    expect(await readdir(top)).not.toContain('nowhere')
  })

  test.runIf(process.getuid?.() === 0)('of another user are refused', async () => {
    const precious = join(top, 'precious')
    await mkdir(precious)
    const link = join(top, 'link')
    await symlink(precious, link)
    await lchown(link, stranger, stranger)
    for (const overwrite of [false, true]) {
      const { message } = await errorOf('link_refused', artifact.download(link, { overwrite }))
      expect(message).toContain(`belongs to user ${stranger}`)
    }
    expect(await readdir(precious)).toEqual([])
  })

  test.runIf(process.getuid?.() === 0)('of another user in the assets directory are refused', async () => {
    const assets = join(top, 'assets')
    vi.stubEnv('TRACKWAY_ASSETS_DIR', assets)
    onTestFinished(() => void vi.unstubAllEnvs())
    const precious = join(top, 'precious')
    await writeFiles(precious, { 'default/targets/dataset/sample/V1/thesis': 'years of work' })
    await artifact.download()
    const [address = ''] = await readdir(assets)
    const link = join(assets, address, session.storeId)
    await rm(link, { recursive: true })
    await symlink(precious, link)
    await lchown(link, stranger, stranger)
    await errorOf('link_refused', artifact.download())
    await lchown(link, 0, 0)
    const folder = await artifact.download()
    expect(await readdir(folder)).toContain('a.bin')
  })
})

describe('the store itself', () => {
  test('is neither written into nor replaced', async () => {
    const store = join(top, 'store')
    for (const [target, overwrite] of [
      [store, true],
      [join(store, 't/out'), false],
      [top, true],
    ] as const) {
      const { message } = await errorOf('option_invalid', artifact.download(target, { overwrite }))
      expect(message).toContain(store)
    }
    expect((await session.getArtifact('sample', 'dataset', 'V1', { experiment })).tag).toBe('V1')
  })
})

describe('a download that died while it moved children', () => {
  /** A target whose process was killed after some of the moves, with what it had in a staging folder. */
  async function die(target: string, { replaced }: { replaced: boolean }): Promise<void> {
    const staging = join(target, `.trackway-${'1'.repeat(12)}`)
    await mkdir(target)
    await mkdir(staging, { mode: 0o700 })
    await mkdir(join(staging, 'old'))
    await artifact.download(join(top, 'whole'))
    await cp(join(top, 'whole'), join(staging, 'content'), { recursive: true })
    await writeFile(join(staging, 'moving'), JSON.stringify(['a.bin', 'c.txt', 'deep']))
    if (replaced) await writeFiles(staging, { 'old/c.txt': 'mine', 'old/notes': 'mine' })
    await rename(join(staging, 'content/a.bin'), join(target, 'a.bin'))
  }

  test('is continued, and nothing is fetched again', async () => {
    const target = join(top, 'target')
    await die(target, { replaced: false })
    enter(target)
    expect(await reusedBytes(artifact, target)).toBe(artifact.size)
    await expectWhole(target)
  })

  test('restores what it moved aside, and is never mistaken for complete', async () => {
    const target = join(top, 'target')
    await die(target, { replaced: true })
    enter(target)
    expect(await artifact.verify(target)).toMatchObject({ ok: false })
    await errorOf('target_exists', artifact.download(target))
    expect((await readdir(target)).filter((name) => !name.includes('.trackway-')).sort()).toEqual([
      'c.txt',
      'notes',
    ])
    expect(await readFile(join(target, 'c.txt'), 'utf8')).toBe('mine')
    await artifact.download(target, { overwrite: true })
    await expectWhole(target)
  })
})

describe.runIf(canMount)('file systems', () => {
  test('that are mounted at the target are filled, with lost+found or without', async () => {
    for (const name of ['plain', 'with-lost-and-found']) {
      const target = join(top, name)
      mountMemory(target)
      if (name !== 'plain') await mkdir(join(target, 'lost+found'), { mode: 0o700 })
      expect(await artifact.download(target)).toBe(target)
      await expectWhole(target)
      await writeFiles(target, { 'deep/more': 'x' })
      await errorOf('target_exists', artifact.download(target))
      await artifact.download(target, { overwrite: true })
      await expectWhole(target)
      expect((await readdir(target)).includes('lost+found')).toBe(name !== 'plain')
    }
  })

  test('that are bound to the target from the same disk are filled', async () => {
    const target = join(top, 'bound')
    await mkdir(target)
    await mkdir(join(top, 'source'))
    mount(target, '--bind', join(top, 'source'))
    await artifact.download(target)
    await expectWhole(target)
    await artifact.download(join(top, 'bound/below'))
    await expectWhole(join(top, 'bound/below'), target)
  })

  test('that are mounted below the target are not emptied', async () => {
    const target = join(top, 'target')
    mountMemory(join(target, 'volume'))
    await writeFile(join(target, 'volume/thesis'), 'years of work')
    const { message } = await errorOf('file_error', artifact.download(target, { overwrite: true }))
    expect(message).toContain(`something is mounted at ${join(target, 'volume')}`)
    expect(await readdir(join(target, 'volume'))).toEqual(['thesis'])
  })

  test('two concurrent downloads into one mount both succeed', async () => {
    const target = join(top, 'target')
    mountMemory(target)
    expect(await Promise.all([artifact.download(target), artifact.download(target)])).toEqual([
      target,
      target,
    ])
    await expectWhole(target)
  })

  test('a folder of an overlay’s lower layer is replaced', async () => {
    for (const name of ['lower/model/sub', 'upper', 'work', 'merged'])
      await mkdir(join(top, name), { recursive: true })
    await writeFiles(top, { 'lower/model/sub/x': 'baked', 'lower/model/y': 'baked' })
    const disk = join(top, 'disk')
    mountMemory(disk)
    for (const name of ['upper', 'work']) await mkdir(join(disk, name))
    mount(
      join(top, 'merged'),
      '-t',
      'overlay',
      '-o',
      `lowerdir=${join(top, 'lower')},upperdir=${join(disk, 'upper')},workdir=${join(disk, 'work')}`,
      'overlay',
    )
    await artifact.download(join(top, 'merged/model'), { overwrite: true })
    await expectWhole(join(top, 'merged/model'))
    expect(await readdir(join(top, 'lower/model'))).toEqual(['sub', 'y'])
  })

  test('a disk that is full names what is left, and the next download continues from it', async () => {
    const disk = join(top, 'disk')
    mountMemory(disk, 'size=2m,mode=777')
    const small = new Artifact('many', 'dataset')
    for (let index = 0; index < 8; index += 1)
      await small.add(noise(400_000, index + 1), { name: `${index}` })
    await session.uploadArtifact(small, { experiment })
    const many = await session.getArtifact('many', 'dataset', 'V1', { experiment })
    for (const target of [join(disk, 'out'), disk]) {
      const error = await errorOf('file_error', many.download(target))
      expect(error.message).toMatch(/the disk is full; .* of the download are kept in .*\.trackway-/)
      const { leftover, leftoverBytes } = error.details
      expect(await readdir(String(leftover))).toContain('content')
      expect(leftoverBytes).toBeGreaterThan(MiB)
      expect(leftoverBytes).toBeLessThanOrEqual(2 * MiB)
      remount(disk, 'size=8m')
      expect(await reusedBytes(many, target)).toBeGreaterThan(MiB)
      expect(await many.verify(target)).toMatchObject({ ok: true })
      for (const name of await readdir(disk)) await rm(join(disk, name), { recursive: true })
      remount(disk, 'size=2m')
    }
  })

  /** Downloads in a process of its own, which is started by these words. */
  function downloadBy(
    words: [program: string, ...options: string[]],
    variables: NodeJS.ProcessEnv,
    ...args: string[]
  ): Record<string, string> {
    const script = fileURLToPath(new URL('download-process.ts', import.meta.url))
    const [program, ...options] = words
    const child = [
      ...options,
      process.execPath,
      '--conditions=@trackway/source',
      script,
      join(top, 'store'),
      ...args,
    ]
    const env = { ...process.env, ...variables }
    const output = execFileSync(program, child, { env, encoding: 'utf8' })
    return JSON.parse(output) as Record<string, string> // What the script writes.
  }

  /** As an unknown user without HOME, with caches that only root can read. */
  function downloadAsStranger(...args: string[]): Record<string, string> {
    const cache = join(top, 'cache')
    mkdirSync(cache, { recursive: true, mode: 0o700 })
    const variables = { HOME: undefined, XDG_CACHE_HOME: cache, TRACKWAY_ASSETS_DIR: join(cache, 'assets') }
    const options = ['--reuid', `${stranger}`, '--regid', `${stranger}`, '--clear-groups']
    return downloadBy(['setpriv', ...options], variables, ...args)
  }

  test('a file that is larger than the file system allows fails and says so', async () => {
    const target = join(top, 'target')
    const refused = downloadBy(['sh', '-c', 'ulimit -f 1024; exec "$0" "$@"'], {}, target)
    expect(refused['code']).toBe('file_error')
    expect(refused['message']).toContain('the file is larger than this file system allows')
  })

  test('a store that may not be read is not mistaken for a missing one', async () => {
    await chmod(join(top, 'store'), 0o700)
    await mkdir(join(top, 'closed'), { mode: 0o700 })
    await rename(join(top, 'store'), join(top, 'closed/store'))
    await symlink(join(top, 'closed/store'), join(top, 'store'))
    const refused = downloadAsStranger(join(top, 'target'))
    expect(refused['code']).toBe('store_unsuitable')
    expect(refused['message']).toMatch(/permission is denied.*user with the id 12345/)
  })

  test('a folder whose parent may not be written to is filled', async () => {
    execFileSync('chmod', ['-R', 'a+rX', join(top, 'store')])
    const target = join(top, 'volume')
    await mkdir(target)
    await chown(target, stranger, stranger)
    expect(downloadAsStranger(target)).toEqual({ path: target })
    await expectWhole(target)
    await rm(join(target, 'c.txt'))
    expect(downloadAsStranger(target, 'overwrite')).toEqual({ path: target })
    await expectWhole(target)
  })

  test('files of another user are noticed before anything is fetched', async () => {
    execFileSync('chmod', ['-R', 'a+rX', join(top, 'store')])
    const parent = join(top, 'shared')
    const target = join(parent, 'target')
    await writeFiles(target, { 'theirs/file': 'x' })
    await chmod(parent, 0o777)
    await chmod(target, 0o777)
    const refused = downloadAsStranger(target, 'overwrite')
    expect(refused['code']).toBe('file_error')
    expect(refused['message']).toMatch(
      /the content of .*theirs cannot be removed \(it belongs to user 0\); nothing was changed/,
    )
    expect(await readdir(parent)).toEqual(['target'])
    expect(await readFile(join(target, 'theirs/file'), 'utf8')).toBe('x')
    // In a sticky folder another user's folder cannot be moved, but what is in it may be.
    await rm(join(target, 'theirs'), { recursive: true })
    await chmod(parent, 0o1777)
    expect(downloadAsStranger(target)).toEqual({ path: target })
    await expectWhole(target)
  })
})
