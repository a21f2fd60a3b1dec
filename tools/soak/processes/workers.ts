import { fileURLToPath } from 'node:url'
import { start, type Running } from '../../processes/processes.ts'
import type { Order } from './order.ts'
import type { WriterOrder } from './writer.ts'

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
const writer = fileURLToPath(new URL('writer.ts', import.meta.url))

export function startWorker(order: Order, { cwd, cache }: { cwd: string; cache: string }): Running {
  const env = { ...process.env, XDG_CACHE_HOME: cache }
  return start([worker, JSON.stringify(order)], { announces: true, cwd, env })
}

/** Starts writers that continue until they are sent `stop`. */
export function startWriters(order: WriterOrder, { cache }: { cache: string }): Running {
  const env = { ...process.env, XDG_CACHE_HOME: cache }
  return start([writer, JSON.stringify(order)], { announces: true, env })
}
