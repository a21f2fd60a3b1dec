import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Artifact, login, type Session } from '@trackway/sdk'
import { equal, errorOf, holds, noise, type Scenario, type ClockAndIds } from './scenario.ts'

// Scenarios for runtimes that also have files: Node, Deno and Bun.

const mebibyte = 1024 * 1024
const retry = { firstDelayMs: 1, maxDelayMs: 20, budgetMs: 10_000 }

async function begin({ host, apiKey }: ClockAndIds): Promise<Session> {
  const session = await login({ host, apiKey, quiet: true, retry })
  const run = await session.init({ experiment: 'files' })
  await run.finish() // Otherwise it would record reads in the background while requests are counted.
  return session
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-runtimes-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Enough data to start threads: many small files and a large one, a program and a link. */
async function writeData(folder: string): Promise<string> {
  const data = join(folder, 'data')
  await mkdir(join(data, 'small'), { recursive: true })
  for (let index = 0; index < 400; index += 1)
    await writeFile(join(data, 'small', `${index}.txt`), `${index} `.repeat(500))
  await writeFile(join(data, 'large.bin'), noise(24 * mebibyte, 11))
  await writeFile(join(data, 'middle.bin'), noise(mebibyte, 12))
  await writeFile(join(data, 'run.sh'), 'echo')
  await chmod(join(data, 'run.sh'), 0o755)
  await writeFile(join(data, 'left.out'), 'x')
  await writeFile(join(data, '.trackwayignore'), '*.out\n')
  await symlink('run.sh', join(data, 'link.sh'))
  return data
}

async function uploadFolder(session: Session, name: string, folder: string) {
  const artifact = new Artifact(name, 'dataset')
  await artifact.add(folder)
  return session.uploadArtifact(artifact)
}

export const withFiles: Record<string, Scenario> = {
  async 'a folder is uploaded and downloaded'(at) {
    await withFolder(async (folder) => {
      const session = await begin(at)
      const data = await writeData(folder)
      const result = await uploadFolder(session, 'folder', data)
      equal([result.tag, result.fileCount], ['V1', 404])
      const again = await uploadFolder(session, 'folder', data)
      equal([again.tag, again.created], ['V1', false])
      const stored = await session.getArtifact('folder', 'dataset', 'V1')
      const target = await stored.download(join(folder, 'target'))
      equal(await stored.verify(target), { ok: true, missing: [], changed: [], extra: [] })
      equal(await readFile(join(target, 'small', '7.txt'), 'utf8'), '7 '.repeat(500))
      holds(((await stat(join(target, 'run.sh'))).mode & 0o111) !== 0, 'what could be run can be run')
      // The run reports the versions that it read in the background, which may be just then.
      await session.run?.flush()
      await at.countRequests()
      equal(await stored.download(join(folder, 'target')), target)
      equal(await at.countRequests(), 0, 'The requests of a download that is complete already')
      const part = await stored.download(join(folder, 'part'), { include: 'small/1?.txt' })
      equal((await readdir(join(part, 'small'))).length, 10)
      await writeFile(join(target, 'run.sh'), 'other')
      await errorOf('target_exists', stored.download(target))
      await stored.download(target, { overwrite: true })
      equal(await readFile(join(target, 'run.sh'), 'utf8'), 'echo')
      const checksums = await stored.checksums()
      holds(checksums.split('\n').length === 405, 'there is a checksum for each file')
    })
  },

  async 'errors of files'(at) {
    await withFolder(async (folder) => {
      const session = await begin(at)
      const artifact = new Artifact('wrong', 'dataset')
      await errorOf('file_not_found', artifact.add(join(folder, 'nowhere')))
      await symlink('/etc', join(folder, 'outside'))
      await errorOf('link_refused', artifact.add(folder))
      await rm(join(folder, 'outside'))
      await writeFile(join(folder, 'a'), noise(9 * mebibyte))
      await artifact.add(join(folder, 'a'))
      await rm(join(folder, 'a'))
      await errorOf('file_not_found', session.uploadArtifact(artifact))
    })
  },

  async 'fetchAsset: once for many concurrent calls, and later without the server'(at) {
    await withFolder(async (folder) => {
      const session = await begin(at)
      await uploadFolder(session, 'asset', await writeData(folder))
      const spec = 'dataset/asset:V1[small/7.txt]'
      await session.run?.flush()
      await at.countRequests()
      const paths = await Promise.all([1, 2, 3, 4].map(() => session.fetchAsset(spec)))
      const requests = await at.countRequests()
      holds(requests < 80, `four at a time make ${requests} requests`)
      equal(new Set(paths).size, 1)
      equal(await readFile(paths[0] ?? '', 'utf8'), '7 '.repeat(500))
      await session.run?.flush()
      await at.countRequests()
      await session.fetchAsset(spec)
      equal(await at.countRequests(), 0, 'The requests of a second fetch')
    })
  },

  async 'a store without a server'() {
    await withFolder(async (folder) => {
      const session = await login({ store: join(folder, 'store'), quiet: true })
      await session.init({ experiment: 'embedded' })
      const result = await uploadFolder(session, 'embedded', await writeData(folder))
      equal([result.tag, result.fileCount], ['V1', 404])
      const other = await login({ store: join(folder, 'store'), quiet: true, experiment: 'embedded' })
      const stored = await other.getArtifact('embedded', 'dataset', 'V1', { experiment: 'embedded' })
      const target = await stored.download(join(folder, 'target'))
      equal((await stored.verify(target)).ok, true)
    })
  },

  async 'a download that was aborted is resumed'(at) {
    await withFolder(async (folder) => {
      const session = await begin(at)
      await uploadFolder(session, 'resume', await writeData(folder))
      const stored = await session.getArtifact('resume', 'dataset', 'V1')
      const controller = new AbortController()
      const target = join(folder, 'target')
      await at.plan({ method: 'GET', path: '/blobs/', delayMs: 20, times: 1000 })
      const begun = stored.download(target, {
        signal: controller.signal,
        onProgress: ({ bytes }) => bytes > 10 * mebibyte && controller.abort(),
      })
      await errorOf('aborted', begun)
      await at.plan({ clear: true })
      await goOn(stored, target)
    })
  },

  async 'a download that was killed is resumed'(at) {
    await withFolder(async (folder) => {
      const session = await begin(at)
      await uploadFolder(session, 'killed', await writeData(folder))
      const stored = await session.getArtifact('killed', 'dataset', 'V1')
      const target = join(folder, 'target')
      await at.plan({ method: 'GET', path: '/blobs/', delayMs: 20, times: 1000 })
      const words = JSON.parse(process.env['RUNTIMES_WORDS'] ?? '[]') as string[] // The script wrote it.
      // Not with the command, which may be a script that starts the runtime.
      const child = spawn(process.execPath, [...words, 'download', 'killed', target], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      await once(child.stdout, 'data') // It has 10 MiB.
      child.kill('SIGKILL')
      await exited
      await at.plan({ clear: true })
      await goOn(stored, target)
    })
  },
}

/** Downloads the rest, without fetching again what is on disk. */
async function goOn(stored: Artifact, target: string): Promise<void> {
  let reused = 0
  await stored.download(target, {
    onProgress({ reusedBytes }) {
      reused = reusedBytes
    },
  })
  holds(reused > 4 * mebibyte, `${reused} bytes are not fetched once more`)
  equal((await stored.verify(target)).ok, true)
}

/** Runs in the process that is killed: downloads, and reports when it has 10 MiB. */
export async function downloadUntilKilled(at: ClockAndIds, name: string, target: string): Promise<void> {
  const session = await begin(at)
  const stored = await session.getArtifact(name, 'dataset', 'V1')
  await stored.download(target, {
    onProgress: ({ bytes }) => void (bytes > 10 * mebibyte && process.stdout.write('now\n')),
  })
}
