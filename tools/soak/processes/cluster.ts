import { startServer, type RunningServer } from '../../processes/processes.ts'
import { startRoundRobin } from '../../processes/round-robin.ts'

/** Several servers over one store, in separate processes, behind one port. */
export interface Cluster {
  url: string
  apiKey: string
  /** The processes that run now. */
  servers(): readonly RunningServer[]
  /** Ends a server by SIGKILL or SIGTERM. Throws if it does not end properly after SIGTERM. */
  end(index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Starts it again, on another port. */
  start(index: number): Promise<void>
  stop(): Promise<void>
}

export async function startCluster(data: string, size: number): Promise<Cluster> {
  const proxy = await startRoundRobin()
  // The first makes the store and its key.
  const running = new Map([[0, await startServer(data)]])
  const apiKey = running.get(0)?.key
  if (apiKey === undefined) throw new Error('The first server made no key')

  function pass(): void {
    proxy.sendTo([...running.values()].map(({ url }) => Number(new URL(url).port)))
  }

  async function start(index: number): Promise<void> {
    running.set(index, await startServer(data))
    pass()
  }

  await Promise.all(Array.from({ length: size - 1 }, (_, index) => start(index + 1)))
  pass()
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    apiKey,
    servers: () => [...running.values()],
    async end(index, signal) {
      const server = running.get(index)
      if (server === undefined) return
      server.child.kill(signal)
      const code = await server.ended
      running.delete(index)
      pass()
      if (signal === 'SIGTERM' && code !== 0)
        throw new Error(`A server exited with ${code} after SIGTERM: ${server.output().slice(-2000)}`)
    },
    start,
    async stop() {
      for (const server of running.values()) server.kill()
      await Promise.all([...running.values()].map(({ ended }) => ended))
      await proxy.close()
    },
  }
}
