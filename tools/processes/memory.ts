import { readFile, writeFile } from 'node:fs/promises'

/** MiB of a process that are in memory. */
export interface Memory {
  now: number
  /** The most since the process began, or since `forgetPeak`. */
  peak: number
}

/** Undefined if the process has ended. */
export async function readMemory(pid: number): Promise<Memory | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const read = (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024
  const [now, peak] = [read('VmRSS'), read('VmHWM')]
  return Number.isNaN(now) ? undefined : { now, peak }
}

/** Takes the peak from now on (proc_pid_clear_refs(5)). */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5')
}
