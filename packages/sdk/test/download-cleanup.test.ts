import type * as files from 'node:fs/promises'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Artifact, login } from '../src/index.ts'
import { temporaryFolder, writeFiles } from './test-server.ts'

// A folder that looks removable and is not, such as an immutable one.
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof files>()
  const rm: typeof original.rm = async (path, options) => {
    if (/\.trackway-[0-9a-f]{12}$/.test(String(path)))
      throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' })
    return original.rm(path, options)
  }
  return { ...original, rm }
})

test('a failed cleanup after a download is a note and not a failure', async () => {
  const top = await temporaryFolder()
  const session = await login({ store: join(top, 'store'), quiet: true })
  const draft = new Artifact('sample', 'dataset')
  await draft.add(new Uint8Array(9), { name: 'a' })
  await session.uploadArtifact(draft, { experiment: 'cleanup' })
  const artifact = await session.getArtifact('sample', 'dataset', 'V1', { experiment: 'cleanup' })
  const target = join(top, 'parent/target')
  await mkdir(join(top, 'parent'))
  await writeFiles(target, { old: 'x' })
  const written: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  onTestFinished(() => void vi.restoreAllMocks())
  expect(await artifact.download(target, { overwrite: true, quiet: false })).toBe(target)
  expect(await readdir(target)).toEqual(['a'])
  expect(written.join('')).toMatch(
    /Removing .*target\.trackway-.*: the operation is not permitted; remove it yourself/,
  )
})
