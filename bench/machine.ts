import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { promisify } from 'node:util'

/** What the measurements depend on. */
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

/** The most memory that a process ever held, in MiB; undefined where the system does not say. */
export async function peakMemory(pid: number): Promise<number | undefined> {
  try {
    const kibibytes = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / 1024)
  } catch {
    return undefined
  }
}
