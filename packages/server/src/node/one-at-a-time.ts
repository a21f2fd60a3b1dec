import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Starts to answer one request. */
export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * Answers the requests of one connection one after another. Node calls a listener for each pipelined request
 * (RFC 9112, section 9.3.2), so that a single packet of 64 KiB would start a thousand answers at once. If
 * more requests wait than are allowed, the connection is cut: its client sends the unanswered ones again.
 */
export function oneAtATime(listener: Listener, mostWaiting: number): Listener {
  const queues = new WeakMap<Socket, (() => void)[]>()

  return (incoming, outgoing) => {
    const { socket } = incoming
    const begin = () => {
      outgoing.once('finish', next).once('close', next)
      listener(incoming, outgoing)
    }
    const next = () => {
      outgoing.off('finish', next).off('close', next)
      const following = queues.get(socket)?.shift()
      if (following === undefined || socket.destroyed) queues.delete(socket)
      else following()
    }
    const queue = queues.get(socket)
    if (queue === undefined) {
      queues.set(socket, [])
      begin()
    } else if (queue.length < mostWaiting) queue.push(begin)
    else cut(socket)
  }
}

/** Tells Node's HTTP parser that the connection continues with another protocol than HTTP. */
const stop = 2

/**
 * Ends a connection, and with it the parsing of what came with the last packet: else Node makes a request
 * of each of a thousand that are left, and an error with a stack for each when the connection is closed,
 * which takes 80 ms.
 */
function cut(socket: Socket): void {
  // Node documents no way to stop its parser, which is here, and which it takes the function from when it
  // is used again.
  const { parser } = socket as Socket & { parser?: { onIncoming?: unknown } | null }
  if (parser?.onIncoming) parser.onIncoming = () => stop
  socket.destroy()
}
