import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What a client is told to do. */
export type Order =
  | { action: 'upload'; name: string; path: string; as?: string; isNext?: boolean }
  | { action: 'download'; name: string; folder: string; reference?: string }
  | { action: 'get'; name: string; reference?: string }
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

/** What it measured. */
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

/** Has a fresh client process do one thing after the other. */
export async function runClient(
  { url, apiKey, folder, flags }: { url: string; apiKey: string; folder: string; flags: string[] },
  orders: readonly Order[],
): Promise<Report[]> {
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
  const reports: Report[] = []
  try {
    await Promise.race([once(child, 'message'), ended])
    for (const order of orders) {
      child.send(order)
      const [report] = (await Promise.race([once(child, 'message'), ended])) as [Report]
      if (report.error !== undefined) throw new Error(`${order.action}: ${report.error}`)
      reports.push(report)
    }
    return reports
  } finally {
    child.kill('SIGKILL')
  }
}
