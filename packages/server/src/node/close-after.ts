import { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2Bindings, HttpBindings } from '@hono/node-server'

type Incoming = (HttpBindings | Http2Bindings)['incoming']
type Outgoing = (HttpBindings | Http2Bindings)['outgoing']

/**
 * How long a refused client may continue to send: it reads the answer only after it has sent, or seen,
 * enough.
 */
const lingerMs = 500

/** Whether part of a request's body has not arrived yet, because the answer did not wait for it. */
export function isUnread(incoming: Incoming): boolean {
  return incoming instanceof IncomingMessage && !incoming.complete
}

/**
 * Announces that the connection ends with this answer, and ends it after the client has stopped sending, or
 * after a while: closing with bytes unread resets the connection, and the client would lose an answer it has
 * not read yet.
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
