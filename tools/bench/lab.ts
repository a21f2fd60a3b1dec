import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runClient, type Order, type Report } from './client.ts'
import { startServer, type BenchServer } from './trackway-server.ts'

export const execute = promisify(execFile)

/** One line of what was measured. */
export interface Row {
  case: string
  what: string
  /** The measurements, in milliseconds. */
  ms: number[]
  /** What happens per second, such as `MB` or `files`, and how many there are. */
  amount?: { count: number; unit: string } | undefined
  /** How the median compares with that of this line: as a factor, below one is faster. */
  against?: Row | undefined
  /** What is to be reached. */
  target?: { text: string; reached: boolean | undefined } | undefined
  notes?: string[] | undefined
}

/** Where cases are measured. */
export interface Lab {
  quick: boolean
  rounds: number
  /** A new empty folder. Nothing is removed before the end: making files where others were just removed is slow. */
  newFolder(): Promise<string>
  server: BenchServer
  /** Has a fresh client do something. */
  client(...orders: Order[]): Promise<Report[]>
  /** Lets earlier writes come to an end. */
  settle(): Promise<void>
}

export async function openLab(
  folder: string,
  { quick, rounds, flags = [] }: { quick: boolean; rounds: number; flags?: string[] },
): Promise<Lab> {
  const server = await startServer(join(folder, 'store'))
  let folders = 0
  return {
    quick,
    rounds,
    server,
    async newFolder() {
      const made = join(folder, `f${(folders += 1)}`)
      await mkdir(made)
      return made
    },
    client: (...orders) => runClient({ ...server, folder, flags }, orders),
    async settle() {
      await execute('sync', [])
    },
  }
}
