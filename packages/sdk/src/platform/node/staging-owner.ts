import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** Milliseconds between two signs of life of whoever writes into a staging folder. */
const aliveMs = 10_000
/** Milliseconds without a sign of life after which nobody owns it any more. */
const deadMs = 60_000
const ownerFile = 'owner'

/** A staging folder that belongs to this process. */
export interface OwnedFolder {
  path: string
  /** Gives up the folder, so that whoever comes next may go on with what lies in it. */
  leave(): Promise<void>
  /** Stops showing life, before the folder is removed. */
  end(): void
}

/** Whether a name is that of a staging folder. */
export function isStagingName(name: string): boolean {
  return /\.trackway-[0-9a-f]{12}$/.test(name)
}

/**
 * A staging folder beside a target: one that a download left behind which is no more, or a new one. No lock decides who
 * gets it: taking over is a rename, which only one achieves. A folder belongs to somebody as long as its owner file
 * says so: a process of this machine that lives, or a sign of life within the last minute, by the file system's clock.
 */
export async function takeFolder(target: string): Promise<OwnedFolder> {
  const path = `${target}.trackway-${randomBytes(6).toString('hex')}`
  await mkdir(path, { mode: 0o700 })
  const owner = join(path, ownerFile)
  const life = JSON.stringify({ host: hostname(), pid: process.pid })
  await writeFile(owner, life)
  const { mtimeMs: now } = await stat(owner)
  for (const other of await othersOf(target, path)) {
    if (await isOwned(other, now)) continue
    if (await takeOver(other, path, life)) break
  }
  const timer = setInterval(() => {
    const date = new Date()
    utimes(owner, date, date).catch(() => {}) // Then another may take over, from where this one got.
  }, aliveMs).unref()
  return {
    path,
    async leave() {
      clearInterval(timer)
      await rm(owner, { force: true })
    },
    end: () => clearInterval(timer),
  }
}

async function othersOf(target: string, own: string): Promise<string[]> {
  const parent = dirname(target)
  const names = await readdir(parent)
  return names
    .filter((name) => name.startsWith(`${basename(target)}.trackway-`) && isStagingName(name))
    .map((name) => join(parent, name))
    .filter((path) => path !== own)
}

async function isOwned(folder: string, now: number): Promise<boolean> {
  const owner = join(folder, ownerFile)
  try {
    const { mtimeMs } = await stat(owner)
    if (now - mtimeMs > deadMs) return false
    // Only this module writes the file; a torn one is no JSON, and then the clock decides.
    const { host, pid } = JSON.parse(await readFile(owner, 'utf8')) as { host?: string; pid?: number }
    return host !== hostname() || pid === undefined || isAlive(pid)
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of somebody else's may not be asked, but lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Puts what lies in another's folder into one's own. False where somebody else was faster. */
async function takeOver(other: string, own: string, life: string): Promise<boolean> {
  try {
    // First to a name that nobody looks for, so that from here on it is nobody else's.
    const taken = join(own, 'taken')
    await rename(other, taken)
    await writeFile(join(taken, ownerFile), life)
    for (const name of ['content', 'replaced'])
      await rename(join(taken, name), join(own, name)).catch(() => {})
    await rm(taken, { recursive: true, force: true })
    return true
  } catch {
    return false
  }
}
