import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runClient, type Order, type Report } from './client.ts'
import { startServer, type BenchServer } from './trackway-server.ts'

export const execute = promisify(execFile)

/** One line of the results. */
export interface Row {
  case: string
  what: string
  /** The measurements, in milliseconds. */
  ms: number[]
  /** The unit that is counted per second, such as `MB` or `files`, and the amount. */
  amount?: { count: number; unit: string } | undefined
  /** The line whose median this one is compared with, as a factor; below one is faster. */
  against?: Row | undefined
  /** The target. */
  target?: { text: string; reached: boolean | undefined } | undefined
  notes?: string[] | undefined
}

/** The environment in which cases are measured. */
export interface Lab {
  quick: boolean
  rounds: number
  /** Creates an empty folder. Nothing is removed before the end: creating files after that is slow. */
  newFolder(): Promise<string>
  server: BenchServer
  /** Runs orders in a new client. */
  client(...orders: Order[]): Promise<Report[]>
  /** Waits until earlier writes are flushed. */
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
