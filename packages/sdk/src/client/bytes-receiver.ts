import { TrackwayError } from '@trackway/protocol'
import type { OwnedBytes } from '../platform/tasks.ts'
import type { Receiver } from './receiver.ts'
import type { BytesInput } from './connection.ts'

/**
 * Bytes that come where they are wanted: nothing is put together behind it. Neither more nor fewer are taken than are
 * expected.
 */
export function createBytesReceiver(
  attempted: string,
  { length, memory, check }: BytesInput,
): { bytes: OwnedBytes; receiver: Receiver } {
  const isEnough = memory !== undefined && memory.buffer.byteLength >= length
  const bytes = isEnough ? new Uint8Array(memory.buffer, 0, length) : new Uint8Array(length)
  let received = 0
  const wrong = () =>
    new TrackwayError('integrity_error', `${attempted}: ${received} bytes came instead of ${length}`, {
      details: { actual: received, expected: length },
    })
  const receiver: Receiver = {
    begin() {
      received = 0
    },
    receive(piece) {
      const start = received
      received += piece.length
      if (received > length) throw wrong()
      bytes.set(piece, start)
    },
    end() {
      if (received !== length) throw wrong()
      check?.(bytes)
    },
  }
  return { bytes, receiver }
}

/** The header that asks for a range. */
export function rangeHeader({ range }: BytesInput): Record<string, string> {
  return range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` }
}
