import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Whether tests can mount file systems here: Linux, as root, not in a container that forbids it. */
export const canMount = findOut()

function findOut(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'trackway-mount-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder])
  if (status === 0) spawnSync('umount', ['-l', folder])
  rmSync(folder, { recursive: true })
  return status === 0
}

/** Mounts a file system in memory at a folder, which is made, until the test is over. */
export function mountMemory(folder: string, options = 'size=64m,mode=777'): void {
  mkdirSync(folder, { recursive: true })
  mount(folder, '-t', 'tmpfs', '-o', options, 'tmpfs')
}

/** Mounts anything at a folder until the test is over. */
export function mount(folder: string, ...words: string[]): void {
  execFileSync('mount', [...words, folder])
  // Before the folder that holds it is removed.
  onTestFinished(() => void spawnSync('umount', ['-l', folder]))
}

/** Mounts it once more with other options, such as `ro`. */
export function remount(folder: string, options: string): void {
  execFileSync('mount', ['-o', `remount,${options}`, folder])
}
