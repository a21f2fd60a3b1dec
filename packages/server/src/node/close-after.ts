import { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2Bindings, HttpBindings } from '@hono/node-server'

type Incoming = (HttpBindings | Http2Bindings)['incoming']
type Outgoing = (HttpBindings | Http2Bindings)['outgoing']

/** How long a client that is refused may send on: it reads the answer only when it has sent, or seen, enough. */
const lingerMs = 500

/** Whether some of a request's body has not come yet, since what answers it did not wait for it. */
export function isUnread(incoming: Incoming): boolean {
  return incoming instanceof IncomingMessage && !incoming.complete
}

/**
 * Says that the connection ends with this answer, and ends it when the client has stopped sending, or after a while: a
 * connection that is closed with bytes unread is reset, which takes the answer away from a client that did not read it.
 */
export function closeAfter(incoming: Incoming, outgoing: Outgoing): void {
  if (!(incoming instanceof IncomingMessage) || !(outgoing instanceof ServerResponse)) return
  const { socket } = incoming
  const destroySoon = socket.destroySoon.bind(socket)
  outgoing.shouldKeepAlive = false
  socket.destroySoon = () => {
    socket.end()
    incoming.once('end', destroySoon).resume()
    setTimeout(destroySoon, lingerMs).unref()
  }
}
