import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { constants, createBrotliCompress, createDeflate, createGzip } from 'node:zlib'

/**
 * Milliseconds between two pieces of a body that never ends. If they are of 1 MiB, that is 200 MiB/s: more
 * than a network brings.
 */
const pieceMs = 5

/** Bytes that never end. */
export function endless(piece: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      controller.enqueue(piece.slice())
      await sleep(pieceMs)
    },
  })
}

/** Bytes that arrive one by one, for as long as a test may take. */
export function dripping(bytes: Uint8Array, everyMs: number): ReadableStream<Uint8Array> {
  let at = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  return new ReadableStream({
    async pull(controller) {
      await new Promise<void>((resolve) => (timer = setTimeout(resolve, at === 0 ? 0 : everyMs)))
      if (at >= bytes.length) controller.close()
      else controller.enqueue(bytes.slice(at, (at += 1)))
    },
    cancel: () => clearTimeout(timer),
  })
}

const unpackedMiB = 512
const spaces = Buffer.alloc(1024 * 1024, 0x20)
const makers = {
  gzip: () => createGzip({ level: 1 }),
  deflate: () => createDeflate({ level: 1 }),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
}

/** Half a gibibyte of spaces, packed in each way that a client unpacks by itself. */
export const packed = Object.entries(makers).map(([encoding, make]) => {
  let packing: Promise<Buffer> | undefined
  async function bomb(): Promise<Response> {
    const pieces = Array.from({ length: unpackedMiB }, () => spaces)
    const bytes = await (packing ??= buffer(Readable.from(pieces).pipe(make())))
    return new Response(new Uint8Array(bytes), { headers: { 'content-encoding': encoding } })
  }
  return { encoding, bomb }
})
