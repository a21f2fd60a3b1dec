import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** An order for a client. */
export type Order =
  | { action: 'upload'; name: string; path: string; as?: string; isNext?: boolean }
  | { action: 'download'; name: string; folder: string; revision?: string }
  | { action: 'get'; name: string; revision?: string }
  | { action: 'fetch-asset'; name: string }
  | {
      action: 'versions'
      name: string
      files: number
      bytes: number
      from: number
      to: number
      changes: number
    }
  | { action: 'abort'; name: string; path: string }
  | { action: 'small-versions'; name: string; writers: number; versions: number }

/** The measurements of a client. */
export interface Report {
  error?: string
  ms?: number
  baselineMs?: number
  sentBytes?: number
  readBytes?: number
  created?: boolean
  requests?: number
  peakMiB?: number | undefined
}

/** The server of a client, and the client's own folders. */
export interface ClientScope {
  url: string
  apiKey: string
  folder: string
  flags: string[]
}

/** A client process that has logged in. */
export interface Client {
  pid: number
  carryOut(order: Order): Promise<Report>
  stop(): void
}

/** Runs orders one after the other in a new client process. */
export async function runClient(scope: ClientScope, orders: readonly Order[]): Promise<Report[]> {
  const client = await startClient(scope)
  const reports: Report[] = []
  try {
    for (const order of orders) reports.push(await client.carryOut(order))
    return reports
  } finally {
    client.stop()
  }
}

export async function startClient({ url, apiKey, folder, flags }: ClientScope): Promise<Client> {
  const child = fork(new URL('client-process.ts', import.meta.url), [], {
    execArgv: flags,
    env: {
      ...process.env,
      TRACKWAY_HOST: url,
      TRACKWAY_API_KEY: apiKey,
      XDG_CACHE_HOME: join(folder, 'cache'),
      TRACKWAY_ASSETS_DIR: join(folder, 'assets'),
    },
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error('A client ended before it was done')
  })
  ended.catch(() => {})
  await Promise.race([once(child, 'message'), ended])
  return {
    pid: child.pid ?? 0,
    async carryOut(order) {
      child.send(order)
      // The client answers each order with one report.
      const [report] = (await Promise.race([once(child, 'message'), ended])) as [Report]
      if (report.error !== undefined) throw new Error(`${order.action}: ${report.error}`)
      return report
    },
    stop: () => void child.kill('SIGKILL'),
  }
}
