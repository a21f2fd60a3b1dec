import { concatenateBytes } from '@trackway/protocol'

/** All bytes of a stream. */
export async function gatherBytes(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return concatenateBytes(pieces)
}
