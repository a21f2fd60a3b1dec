import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The command. */
export const bin = fileURLToPath(new URL('../bin/trackway-server.js', import.meta.url))

/** A temporary folder for a test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-command-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

interface Running {
  child: ChildProcess
  output: () => string
  exited: Promise<unknown[]>
}

/** Starts `trackway-server` with these arguments. */
export function start(...words: string[]): Running {
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
  return { child, output: () => output, exited: once(child, 'close') }
}

/** Runs `trackway-server` with these arguments to its end. */
export async function run(...words: string[]): Promise<{ code: unknown; output: string }> {
  const { output, exited } = start(...words)
  const [code] = await exited
  return { code, output: output() }
}

/** Starts a server and waits for the line with its URL. */
export async function serve(
  folder: string,
  ...flags: string[]
): Promise<Running & { url: string; key: string | undefined }> {
  const running = start('serve', '--store', folder, '--port', '0', ...flags)
  while (!running.output().includes('is listening on')) {
    await Promise.race([once(running.child.stdout ?? running.child, 'data'), running.exited])
    if (running.child.exitCode !== null) throw new Error(running.output())
  }
  const url = /listening on (\S+)/.exec(running.output())?.[1] ?? ''
  return { ...running, url, key: /API key \(shown once\): (tw_\S+)/.exec(running.output())?.[1] }
}
