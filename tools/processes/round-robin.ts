import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'

/** One port in front of several servers: each connection goes to the next server that accepts it. */
export interface RoundRobin {
  port: number
  /** Sets the ports of new connections. Existing connections stay. */
  sendTo(ports: readonly number[]): void
  close(): Promise<void>
}

export async function startRoundRobin(): Promise<RoundRobin> {
  const sockets = new Set<Socket>()
  let upstreams: readonly number[] = []
  let turn = 0

  const server = createServer({ pauseOnConnect: true }, (client) => {
    keep(client)
    turn += 1
    const first = turn % Math.max(1, upstreams.length)
    connect(client, [...upstreams.slice(first), ...upstreams.slice(0, first)])
  })

  /** If no server accepts it, the connection is closed, and the client tries again. */
  function connect(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) return void client.destroy()
    const target = createConnection({ port, host: '127.0.0.1', noDelay: true })
    const tryNext = () => connect(client, others)
    target.once('error', tryNext)
    target.once('connect', () => {
      target.off('error', tryNext)
      keep(target)
      client.on('close', () => target.destroy())
      target.on('close', () => client.destroy())
      client.setNoDelay(true)
      client.pipe(target)
      target.pipe(client)
    })
  }

  function keep(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // It listens on a port.
    sendTo: (ports) => void (upstreams = ports),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
