import { randomUUID } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { lstat, open, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '@trackway/protocol'
import { fileFailure, systemCodeOf } from '@trackway/protocol/node'
import type { LeftSpool, RunSpool, SpooledRun } from '../../run-keeper.ts'
import { makeFolders } from '../../../disk/files/make-folders.ts'
import { isRunning, processFacts } from '../../../disk/files/processes.ts'
import { userFolder } from '../user-cache.ts'
import { openSpool, parseHeader, readSpool, type SpoolHeader } from './spool-file.ts'

/** Of this process, or of this thread of it. */
export const ownerId: string = randomUUID()
/** The process whose spools this one sends: it has ended, or waits for this one. */
let actsFor: string | undefined

/** A spool of another machine is left alone until it was not written for this many milliseconds. */
const foreignMs = 24 * 60 * 60 * 1000
const mostHeaderBytes = 16 * 1024

/** From now on the spools of this process count as left behind. */
export function actFor(owner: string): void {
  actsFor = owner
}

/**
 * XDG_STATE_HOME or `~/.local/state`; LOCALAPPDATA on Windows; `~/Library/Application Support` on a Mac.
 * Undefined for a user without a home folder.
 */
export function spoolFolder(): string | undefined {
  const state = stateFolder()
  return state === undefined ? undefined : join(state, 'trackway', 'runs')
}

function stateFolder(): string | undefined {
  if (process.platform === 'win32') return userFolder(process.env['LOCALAPPDATA'], 'AppData', 'Local')
  if (process.platform === 'darwin') return userFolder(undefined, 'Library', 'Application Support')
  return userFolder(process.env['XDG_STATE_HOME'], '.local', 'state')
}

/** Begins the spool of a run. Undefined if that is not possible, which is reported. */
export async function beginSpool(
  run: SpooledRun,
  print: (text: string) => void,
): Promise<RunSpool | undefined> {
  const folder = spoolFolder()
  const onFailure = (error: unknown) => {
    const what = `What the run ${run.run} logs is not kept on this machine`
    print(`${what}: ${reasonOf(error, folder)}. What is not sent when the process is killed will be lost`)
  }
  try {
    if (folder === undefined) throw new Error('this user has no home folder; set XDG_STATE_HOME')
    await makeFolders(folder, 0o700)
    const header: SpoolHeader = { spool: 1, run, owner: ownOwner() }
    const name = `${String(Date.now()).padStart(14, '0')}-${run.writer}.ndjson`
    return openSpool(join(folder, name), { header, onFailure })
  } catch (error) {
    onFailure(error)
    return undefined
  }
}

function reasonOf(error: unknown, folder = ''): string {
  const code = systemCodeOf(error)
  if (code === undefined) return messageOf(error)
  return `${folder} cannot be written, since ${fileFailure(code)?.reason ?? code}`
}

/** The spools of processes that are gone, the oldest first. */
export async function leftBehind(): Promise<LeftSpool[]> {
  const folder = spoolFolder()
  const names = folder === undefined ? [] : await readdir(folder).catch(() => [])
  const found: LeftSpool[] = []
  for (const name of names.filter((each) => each.endsWith('.ndjson')).toSorted()) {
    const path = join(folder ?? '', name)
    const header = await headerOf(path).catch(() => undefined)
    if (header === undefined) continue
    found.push({
      path,
      run: header.run,
      read: () => readSpool(path, header),
      open: () => continueSpool(path),
    })
  }
  return found
}

function continueSpool(path: string): RunSpool | undefined {
  try {
    return openSpool(path, { onFailure() {} })
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The header of a spool of this user whose process is gone. */
async function headerOf(path: string): Promise<SpoolHeader | undefined> {
  const stats = await lstat(path)
  if (!stats.isFile() || (process.getuid !== undefined && stats.uid !== process.getuid())) return undefined
  const quietMs = Date.now() - stats.mtimeMs
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(mostHeaderBytes) })
    const line = buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0] ?? ''
    const header = parseHeader(line)
    // A process that was killed while it began its spool logged nothing.
    if (header === undefined && quietMs > foreignMs) await rm(path, { force: true })
    return header !== undefined && isGone(header.owner, quietMs) ? header : undefined
  } finally {
    await file.close()
  }
}

function ownOwner(): SpoolHeader['owner'] {
  const startedAt = processFacts(process.pid)?.startedAt
  return { id: ownerId, host: machine(), pid: process.pid, ...(startedAt !== undefined && { startedAt }) }
}

function isGone({ id, host, pid, startedAt }: SpoolHeader['owner'], quietMs: number): boolean {
  if (id === actsFor) return true
  if (host !== machine()) return quietMs > foreignMs
  if (!isRunning(pid)) return true
  // Another process may have the number by now, and one that has ended may not have been reaped.
  const facts = processFacts(pid)
  return facts !== undefined && (facts.hasEnded || (startedAt !== undefined && facts.startedAt !== startedAt))
}

/** Where process ids have one meaning: a container may have its host's name, but not its processes. */
function machine(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}
