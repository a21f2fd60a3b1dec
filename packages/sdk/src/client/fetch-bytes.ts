import { TrackwayError, type RouteName } from '@trackway/protocol'
import type { OwnedBytes } from '../tasks/tasks.ts'
import type { Receive, Receiver, RequestInput } from './request.ts'

/** Which bytes are fetched. */
export interface BytesInput {
  range?: { start: number; end: number } | undefined
  /** How many they are. */
  length: number
  /** Where to put them, if there is a buffer that is large enough. */
  memory?: OwnedBytes | undefined
  check?: ((bytes: Uint8Array) => void) | undefined
}

/**
 * The bytes of an answer, or of a range of it, with a known length of at most a few MiB. `check` throws
 * `integrity_error` for wrong bytes; these, and those of the wrong length, are fetched once more.
 */
export async function fetchBytes(
  { receive }: { receive: Receive },
  name: RouteName,
  input: RequestInput & BytesInput,
): Promise<OwnedBytes> {
  const { bytes, receiver } = createBytesReceiver(input.attempted, input)
  await receive(name, { ...input, headers: rangeHeader(input), receiver })
  return bytes
}

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
