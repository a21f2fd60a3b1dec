import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { readMemory } from '../processes/memory.ts'

/** The properties of the machine that the measurements depend on. */
export interface Machine {
  processor: string
  cores: number
  memoryGiB: number
  kernel: string
  fileSystem: string
  node: string
}

export async function describeMachine(folder: string): Promise<Machine> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${release()}`,
    fileSystem: await fileSystemOf(folder),
    node: process.version,
  }
}

async function fileSystemOf(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('stat', ['-f', '-c', '%T', folder])
    return stdout.trim()
  } catch {
    return 'unknown'
  }
}

// The unit in which Linux counts processor time, whatever the kernel's own clock.
const ticksPerSecond = 100

/** The processor seconds of each process of the machine so far; empty if the system does not say. */
export async function processorSeconds(): Promise<Map<number, { name: string; seconds: number }>> {
  const found = new Map<number, { name: string; seconds: number }>()
  const folders = await readdir('/proc').catch(() => [])
  for (const pid of folders.filter((name) => /^\d+$/.test(name))) {
    // Processes may end meanwhile.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    // After the name, which may contain spaces, the state is field 3; user and system time are
    // fields 14 and 15.
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(stat) ?? []
    const fields = rest.split(' ')
    found.set(Number(pid), { name, seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond })
  }
  return found
}

/** The processor seconds of the machine since its start. */
export function allProcessorSeconds(): number {
  const milliseconds = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq)
  return milliseconds.reduce((sum, value) => sum + value, 0) / 1000
}

/** The peak memory of a process in MiB; undefined if the system does not say. */
export async function peakMemory(pid: number): Promise<number | undefined> {
  const memory = await readMemory(pid)
  return memory && Math.round(memory.peak)
}
