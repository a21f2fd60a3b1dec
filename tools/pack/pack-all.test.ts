import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

test('packing prints in three lines where the packages are and how to install them', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'trackway-packed-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const folder = join(parent, 'packed')
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/pack/pack-all.ts', folder])
  const names = await readdir(folder)
  const packages = await readdir('packages')
  expect(names.toSorted()).toEqual(
    packages.map((name) => expect.stringMatching(new RegExp(`^trackway-${name}-.*\\.tgz$`))),
  )
  expect(stdout.trimEnd().split('\n')).toEqual([
    `Packed ${packages.length} packages into ${folder}. In the folder of your project, run`,
    `  npm install ${folder}/*.tgz`,
    expect.stringContaining("import { login } from '@trackway/sdk'"),
  ])
})
