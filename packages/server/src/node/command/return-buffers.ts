import { accessSync, constants } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const variable = 'MALLOC_MMAP_THRESHOLD_'
/** Half of a buffer into which a socket is read: most are shortened to what has arrived. */
const bytes = 32 * 1024

/**
 * Starts the program again, in the same process, so that glibc takes each buffer of 32 KiB and more from
 * the system and returns it when it is freed (mallopt(3)). Otherwise glibc keeps most of what a burst has
 * freed, in pieces among what is still used; it reads the variable only when a process starts. Does nothing
 * if the variable is set, if the parent has a channel to this process, which would be lost, or on systems
 * other than Linux.
 */
export function returnBuffers(): void {
  const { platform, env, execPath, execArgv, argv, channel } = process
  if (platform !== 'linux' || env[variable] !== undefined || channel !== undefined || !isMainThread) return
  try {
    accessSync(execPath, constants.X_OK) // If it could not be started, Node would abort.
    process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], {
      ...env,
      [variable]: String(bytes),
    })
  } catch {
    // Not permitted: the server runs as it is, and holds more memory after a burst.
  }
}
