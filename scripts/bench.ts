// Measures uploads and downloads against a server in a process of its own, beside `cp -r` and `sync` of the same files.
// `--quick` takes less data. It prints what it measured: medians of the rounds, and the ratio to the copy.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Artifact, login, type Session } from '@trackway/sdk'

const execute = promisify(execFile)
const quick = process.argv.includes('--quick')
const rounds = quick ? 3 : 5
const mebibyte = 1024 * 1024

const folder = await mkdtemp(join(tmpdir(), 'trackway-bench-'))
const server = await startServer(join(folder, 'store'))
try {
  const session = await login({ host: server.url, apiKey: server.apiKey, quiet: true })
  await session.init({ experiment: 'bench' })
  const files = quick ? 1_000 : 10_000
  const size = (quick ? 64 : 1024) * mebibyte
  const rows = [
    ...(await measure(session, `${files} files of 10 kB`, (target) => writeSmallFiles(target, files))),
    ...(await measure(session, `one file of ${size / mebibyte} MiB`, (target) =>
      writeLargeFile(target, size),
    )),
    await measureInsertion(session, size),
  ]
  console.table(rows)
} finally {
  server.process.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
}

/** Every round has new data, so that nothing of it is known already. */
async function measure(session: Session, what: string, write: (target: string) => Promise<void>) {
  const times = { copy: [] as number[], upload: [] as number[], download: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    const source = join(folder, 'source')
    await write(source)
    times.copy.push(await time(() => copyAndSync(source, join(folder, 'copy'))))
    const artifact = new Artifact('bench', 'dataset')
    times.upload.push(
      await time(async () => {
        await artifact.add(source)
        await session.uploadArtifact(artifact)
      }),
    )
    const stored = await session.getArtifact('bench', 'dataset')
    times.download.push(await time(() => stored.download(join(folder, 'target'))))
    for (const name of ['source', 'copy', 'target']) await rm(join(folder, name), { recursive: true })
  }
  const copy = median(times.copy)
  return [
    { what, action: 'cp -r and sync', ms: copy, ratio: 1 },
    { what, action: 'upload', ms: median(times.upload), ratio: ratio(times.upload, copy) },
    { what, action: 'download', ms: median(times.download), ratio: ratio(times.download, copy) },
  ]
}

/** A kilobyte more in the middle of a large file: how long, and how many bytes are sent. */
async function measureInsertion(session: Session, size: number) {
  const bytes = randomBytes(size)
  const artifact = new Artifact('insertion', 'dataset')
  await artifact.add(bytes, { name: 'file' })
  await session.uploadArtifact(artifact)
  await artifact.add(
    Buffer.concat([bytes.subarray(0, size / 2), randomBytes(1024), bytes.subarray(size / 2)]),
    { name: 'file' },
  )
  let sent = 0
  const ms = await time(async () => {
    sent = (await session.uploadArtifact(artifact)).uploadedBytes
  })
  return {
    what: `1 kB inserted into ${size / mebibyte} MiB`,
    action: `upload, ${sent.toLocaleString('en')} bytes sent`,
    ms,
  }
}

async function writeSmallFiles(target: string, files: number): Promise<void> {
  await mkdir(target)
  for (let index = 0; index < files; index += 1) {
    await writeFile(join(target, `${String(index).padStart(6, '0')}.bin`), randomBytes(10_000))
  }
}

async function writeLargeFile(target: string, size: number): Promise<void> {
  await mkdir(target)
  await writeFile(join(target, 'large.bin'), randomBytes(size))
}

async function copyAndSync(source: string, target: string): Promise<void> {
  await execute('cp', ['-r', source, target])
  await execute('sync', [])
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return Math.round(performance.now() - begin)
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}

function ratio(times: number[], copy: number): number {
  return Number((median(times) / copy).toFixed(2))
}

async function startServer(data: string): Promise<{ process: ChildProcess; url: string; apiKey: string }> {
  const child = spawn(
    'node',
    ['packages/server/bin/trackway-server.js', 'serve', '--data', data, '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let text = ''
  for await (const piece of child.stdout) {
    text += String(piece)
    const url = /listening on (\S+)/.exec(text)?.[1]
    const apiKey = /API key \(shown once\): (\S+)/.exec(text)?.[1]
    if (url !== undefined && apiKey !== undefined) return { process: child, url, apiKey }
  }
  throw new Error(`The server ended before it was ready: ${text}`)
}
