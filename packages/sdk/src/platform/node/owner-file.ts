import { randomBytes } from 'node:crypto'
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { systemCodeOf } from '@trackway/protocol/node'

/** Milliseconds between two signs of life of an owner. */
const aliveMs = 10_000
/** Milliseconds without a sign of life after which there is no owner any more. */
const deadMs = 60_000

/** What an owner's file says. */
export function ownerText(): string {
  return JSON.stringify({ host: hostname(), pid: process.pid })
}

/** Shows that the owner lives, until it is stopped. It does not keep the process alive. */
export function showLife(path: string): { stop(): void } {
  const timer = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => {}) // Then somebody else may take over.
  }, aliveMs).unref()
  return { stop: () => clearInterval(timer) }
}

/**
 * Whether somebody owns what a file stands for: a process of this machine that lives, or a sign of life within the last
 * minute. Nothing is locked: locks fail on network file systems, and stay when their holder dies.
 */
export async function isOwned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path)
    // Another machine's clock may differ: only the file system's own says how long ago that was.
    if (Date.now() - mtimeMs > deadMs) {
      // Where that cannot be asked, as in a folder that may only be read, ours has to do.
      const now = await fileSystemTime(dirname(path)).catch(() => Date.now())
      if (now - mtimeMs > deadMs) return false
    }
    // Only this module writes the file. A torn one says nothing, and then the time decides.
    const { host, pid } = JSON.parse(await readFile(path, 'utf8')) as { host?: string; pid?: number }
    return host !== hostname() || pid === undefined || isAlive(pid)
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of somebody else's may not be asked, but lives.
    return systemCodeOf(error) === 'EPERM'
  }
}
