import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const [store] = process.env['TRACKWAY_TEST_S3']?.split(' ') ?? []

test('the example uploads a folder to a bucket, and downloads the latest version and one by its digest', async ({
  skip,
}) => {
  if (store === undefined) return skip('TRACKWAY_TEST_S3 does not name a store')
  const folder = await mkdtemp(join(tmpdir(), 'trackway-example-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'hello_dir'))
  await writeFile(join(folder, 'hello_dir', 'hello.txt'), 'hello')
  const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder }
  const script = join(import.meta.dirname, 'bucket.ts')
  const own = store.replace('?', `/${randomUUID()}?`)
  await promisify(execFile)('node', [script, './hello_dir', own], { cwd: folder, env, timeout: 15_000 })
  for (const back of ['latest', 'by-hash']) {
    expect(await readFile(join(folder, back, 'hello.txt'), 'utf8')).toBe('hello')
  }
})
