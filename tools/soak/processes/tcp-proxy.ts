import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'

/** A fault of a connection. */
export type ConnectionFault =
  /** The response ends after this many bytes. */
  | { kind: 'cut'; after: number }
  /** The connection is reset after this many bytes of the request. */
  | { kind: 'reset'; after: number }
  /** The response arrives byte by byte, and stops permanently after this many. */
  | { kind: 'stuck'; after: number }
  /** The response arrives in small pieces, slowly at first. */
  | { kind: 'slow' }
  /** Something else responds: a load balancer, a proxy, a portal. */
  | { kind: 'answer'; status: number; headers: string }
  /** After the first response, the connection is closed just while the next request is sent on it. */
  | { kind: 'stale' }

export interface TcpProxy {
  port: number
  close(): Promise<void>
}

/** Forwards connections to a port of this machine; `fault` returns the fault of the next one. */
export async function startProxy(
  upstream: number,
  fault: () => ConnectionFault | undefined,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const target = createConnection(upstream, '127.0.0.1')
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
    forward(client, target, fault())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // It listens on a port.
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function forward(client: Socket, target: Socket, fault: ConnectionFault | undefined): void {
  let sent = 0
  let received = 0
  let replies = 0
  if (fault?.kind === 'answer') {
    client.once('data', () => {
      const { status, headers } = fault
      client.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: 0\r\n${headers}\r\n`)
    })
    return
  }
  client.on('data', (bytes: Buffer) => {
    sent += bytes.length
    if (fault?.kind === 'reset' && sent > fault.after) client.resetAndDestroy()
    else if (fault?.kind === 'stale' && replies > 0) client.destroy()
    else target.write(bytes)
  })
  target.on('data', (bytes: Buffer) => {
    replies += 1
    const before = received
    received += bytes.length
    if (fault?.kind === 'cut' && received > fault.after) {
      client.write(bytes.subarray(0, Math.max(0, fault.after - before)), () => client.destroy())
    } else if (fault?.kind === 'stuck') {
      if (before < fault.after) client.write(bytes.subarray(0, fault.after - before))
    } else if (fault?.kind === 'slow' && received < 2000) {
      target.pause()
      setTimeout(() => client.write(bytes, () => target.resume()), 5)
    } else {
      client.write(bytes)
    }
  })
}
