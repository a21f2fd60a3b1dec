import { TrackwayError } from '@trackway/protocol'
import type { OwnedBytes } from '../tasks/tasks.ts'
import type { Receiver } from './receiver.ts'
import type { BytesInput } from './connection.ts'

/** Receives bytes directly into their final place, without a copy. Accepts exactly the expected number. */
export function createBytesReceiver(
  attempted: string,
  { length, memory, check }: BytesInput,
): { bytes: OwnedBytes; receiver: Receiver } {
  const isEnough = memory !== undefined && memory.buffer.byteLength >= length
  const bytes = isEnough ? new Uint8Array(memory.buffer, 0, length) : new Uint8Array(length)
  let received = 0
  const wrong = () =>
    new TrackwayError('integrity_error', `${attempted}: received ${received} bytes instead of ${length}`, {
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

/** The header that requests a range. */
export function rangeHeader({ range }: BytesInput): Record<string, string> {
  return range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` }
}
