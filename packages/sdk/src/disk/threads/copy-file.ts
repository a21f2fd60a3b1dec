import { accessSync, chmodSync, constants, copyFileSync, linkSync, lstatSync, rmSync } from 'node:fs'
import { systemCodeOf } from '@trackway/protocol/node'
import type { Tasks } from '../../tasks/tasks.ts'
import { isExecutable } from '../files/file-facts.ts'
import { fileError } from '../files/file-error.ts'
import { digestOfFile } from './digest-file.ts'

const windows = process.platform === 'win32'
const { COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE } = constants

/**
 * A copy that shares its blocks until one of the two is written to, if the file system supports that;
 * otherwise a second name for a file that is read-only; otherwise a copy of the bytes. The result is hashed:
 * an existing file may have been changed.
 */
export const copyFile: Tasks['copyFile'] = ({ from, to, digest, executable, readOnly }) => {
  try {
    const shared = clone(from, to) || (readOnly && link(from, to, executable))
    if (!shared) copyFileSync(from, to, COPYFILE_EXCL | COPYFILE_FICLONE)
    if (digestOfFile(to) !== digest) {
      rmSync(to, { force: true })
      return false
    }
    if (!windows) chmodSync(to, modeOf(executable, readOnly))
    return true
  } catch (error) {
    // A file that is gone or unreadable is fetched instead; a failure to write would recur in any other way.
    if (['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) {
      rmSync(to, { force: true })
      return false
    }
    throw fileError(error, 'Copying to', to)
  }
}

function clone(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'EEXIST') throw error
    return false
  }
}

/**
 * Two names for one file are safe only if it cannot be written to through either. A user who is exempt from
 * permissions, such as root, gets no link.
 */
function link(from: string, to: string, executable: boolean): boolean {
  if (windows) return false
  const stats = lstatSync(from, { bigint: true })
  const isProtected = stats.isFile() && (stats.mode & 0o222n) === 0n && !mayWrite(from)
  if (!isProtected || isExecutable(stats) !== executable) return false
  try {
    linkSync(from, to)
    return true
  } catch {
    return false // Another disk, no support for links, or too many of them.
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** The mode of a file that its user may write to, as the system would make it, or of a read-only file. */
function modeOf(executable: boolean, readOnly: boolean): number {
  if (readOnly) return executable ? 0o555 : 0o444
  return (executable ? 0o777 : 0o666) & ~umask()
}

/** Deno requires a separate permission for it. */
function umask(): number {
  try {
    return process.umask()
  } catch {
    return 0o022
  }
}
