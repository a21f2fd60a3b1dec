import { randomBytes } from 'node:crypto'
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'
import { isRunning } from './processes.ts'

/** Milliseconds between two heartbeats of an owner. */
const aliveMs = 10_000
/** Milliseconds without a heartbeat after which the owner counts as gone. */
const deadMs = 60_000

/** The content of an owner's file. */
export function ownerText(): string {
  return JSON.stringify({ host: hostname(), pid: process.pid })
}

/** Sends heartbeats until it is stopped. Does not keep the process alive. */
export function showLife(path: string): { stop(): void } {
  const timer = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => {}) // If it fails, somebody else may take over.
  }, aliveMs).unref()
  return { stop: () => clearInterval(timer) }
}

/**
 * Whether the owner of a file is alive: a running process of this machine, or a heartbeat within the last
 * minute. Nothing is locked: locks fail on network file systems, and remain when their holder dies.
 */
export async function isOwned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path)
    // Another machine's clock may differ: only the file system's own clock shows how long ago that was.
    if (Date.now() - mtimeMs > deadMs) {
      // If that is not available, as in a read-only folder, this machine's clock has to do.
      const now = await fileSystemTime(dirname(path)).catch(() => Date.now())
      if (now - mtimeMs > deadMs) return false
    }
    // Written only by this module. A truncated one says nothing, and then the time decides.
    const { host, pid } = JSON.parse(await readFile(path, 'utf8')) as { host?: string; pid?: number }
    return host !== hostname() || pid === undefined || isRunning(pid)
  } catch (error) {
    return systemCodeOf(error) !== 'ENOENT'
  }
}

async function fileSystemTime(folder: string): Promise<number> {
  const probe = join(folder, `.trackway-clock-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(probe, '')
    return (await stat(probe)).mtimeMs
  } finally {
    await rm(probe, { force: true })
  }
}
