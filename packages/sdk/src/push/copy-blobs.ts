import type { ManifestBlob } from '@trackway/protocol'
import { anySignal } from '../concurrency/any-signal.ts'
import type { Slice } from '../version/located-entry.ts'
import type { OutgoingBlob } from '../platform/request-body.ts'
import { createBlobQueue } from '../upload/blob-queue.ts'
import { blobSizesFor } from '../read/blob-sizes.ts'
import { openPresignedUrls } from '../read/presigned-blobs.ts'
import { createMemoryBudget } from '../concurrency/memory-budget.ts'
import { fetchSlice } from '../read/read-slices.ts'
import { runLimited } from '../concurrency/run-limited.ts'
import type { SendContext } from '../upload/send-blobs.ts'
import type { BlobScope } from '../version/version.ts'

/** Bytes of blobs that are buffered between the two stores. */
const memoryBytes = 40 * 1024 * 1024

/** Blobs on their way from one store to another. */
export interface BlobCopying {
  source: BlobScope
  target: BlobScope
  /** The version that they belong to, for messages. */
  label: string
  /** Names the operation, as the beginning of messages. */
  attempted: string
  /** Concurrent requests to each of the stores. */
  concurrency: number
  /** Sends blobs of one request. */
  send(context: SendContext, blobs: readonly OutgoingBlob[]): Promise<unknown>
  /** Called with the number of bytes that were sent. */
  onSent(bytes: number): void
  signal?: AbortSignal | undefined
}

/** Copies blobs unchanged: each is checked after it was read, and sent while others are read. */
export async function copyBlobs(copying: BlobCopying, blobs: readonly ManifestBlob[]): Promise<void> {
  const { source, target, label, attempted, concurrency, send, onSent } = copying
  const stop = new AbortController()
  const signal = anySignal(stop.signal, copying.signal)
  const queue = createBlobQueue({
    sizes: blobSizesFor(target.connection.limits),
    concurrency,
    async send(batch) {
      await send({ scope: target, attempted, signal }, batch)
      onSent(batch.reduce((sum, { size }) => sum + size, 0))
    },
  })
  const budget = createMemoryBudget(memoryBytes, { onShortage: queue.flush, signal })
  const slices = blobs.map((blob) => ({ blob, offset: 0, length: blob.size }))
  const urls = await openPresignedUrls(source, slices, { path: label, signal })

  async function copy(slice: Slice): Promise<void> {
    const { blob } = slice
    await budget.take(blob.size)
    const bytes = await fetchSlice(source, slice, { path: label, urls, signal })
    await queue.add({ ...blob, bytes: [bytes], release: () => budget.give(blob.size) })
  }

  try {
    // A task that waits for memory when another one fails is rejected at once.
    const copyOrStop = (slice: Slice) => copy(slice).catch((error: unknown) => stopWith(stop, error))
    await runLimited(slices, copyOrStop, { concurrency, signal })
    await queue.drain()
  } catch (error) {
    stop.abort(error)
    await queue.stop()
    throw error
  }
}

function stopWith(stop: AbortController, error: unknown): never {
  stop.abort(error)
  throw error
}
