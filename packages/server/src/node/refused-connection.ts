import type { Duplex } from 'node:stream'
import { TrackwayError } from '@trackway/protocol'
import { problemResponse } from '../http/problem-response.ts'
import type { ConnectionLimits } from '../http/limits.ts'

/**
 * Refuses input that an app could not handle as a request, if the client is still connected, and hangs up.
 */
export async function refuseConnection(
  error: Error,
  socket: Duplex,
  limits: ConnectionLimits,
): Promise<void> {
  if (!socket.writable || ('bytesWritten' in socket && socket.bytesWritten !== 0)) {
    socket.destroy() // An answer is under way, and another would be read as a part of it.
    return
  }
  const requestId = crypto.randomUUID()
  const response = problemResponse(explain(error, limits), requestId)
  const body = await response.text()
  const headers = [
    ...response.headers,
    ['x-request-id', requestId],
    ['content-length', Buffer.byteLength(body)],
  ]
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${response.status} Refused\r\n${lines}connection: close\r\n\r\n${body}`)
}

function explain(error: Error, { headerBytes, headersMs }: ConnectionLimits): TrackwayError {
  const code = 'code' in error ? error.code : undefined
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new TrackwayError(
      'too_large',
      `The address and headers of the request have more than ${headerBytes} bytes (headerBytes)`,
      { details: { limit: 'headerBytes', maximum: headerBytes } },
    )
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new TrackwayError(
      'body_too_slow',
      `The headers of the request did not arrive within ${headersMs / 1000} seconds (headersMs)`,
      { details: { limit: 'headersMs', maximum: headersMs } },
    )
  }
  return new TrackwayError('request_invalid', 'The client did not send a valid HTTP/1.1 request')
}
