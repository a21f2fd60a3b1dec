import type { OutgoingBlob } from '../platform/request-body.ts'
import { partOverhead, type BlobSizes } from '../read/blob-sizes.ts'
import { createLimit } from '../concurrency/run-limited.ts'

/** Collects blobs into requests, and sends several requests at a time. */
export interface BlobQueue {
  /**
   * Takes a blob; resolves when there is room for the next one. Throws the error of an earlier one that
   * failed.
   */
  add(blob: OutgoingBlob): Promise<void>
  /** Sends what has been collected, without waiting for more. */
  flush(): void
  /** Sends what is left; resolves when everything is sent. */
  drain(): Promise<void>
  /** Starts nothing more; resolves when nothing runs. */
  stop(): Promise<void>
}

interface BlobQueueOptions {
  send(blobs: readonly OutgoingBlob[]): Promise<void>
  sizes: BlobSizes
  /** Concurrent requests. Two more may wait, so that reading and sending overlap. */
  concurrency: number
}

export function createBlobQueue({ send, sizes, concurrency }: BlobQueueOptions): BlobQueue {
  const limit = createLimit(concurrency)
  const running = new Set<Promise<void>>()
  let batch: OutgoingBlob[] = []
  let batchBytes = 0
  let failure: { error: unknown } | undefined

  async function sendBatch(blobs: readonly OutgoingBlob[]): Promise<void> {
    try {
      if (failure === undefined) await send(blobs)
    } catch (error) {
      failure ??= { error }
    } finally {
      for (const blob of blobs) blob.release?.()
    }
  }

  function flush(): void {
    if (batch.length === 0) return
    const blobs = batch
    batch = []
    batchBytes = 0
    const sending = limit(() => sendBatch(blobs))
    running.add(sending)
    void sending.then(() => running.delete(sending))
  }

  function checkFailure(): void {
    if (failure !== undefined) throw failure.error
  }

  return {
    flush,
    async add(blob) {
      const needed = blob.size + partOverhead
      if (batchBytes + needed > sizes.request || batch.length >= sizes.digests) flush()
      batch.push(blob)
      batchBytes += needed
      while (running.size >= concurrency + 2) await Promise.race(running)
      checkFailure()
    },
    async drain() {
      flush()
      await Promise.all(running)
      checkFailure()
    },
    async stop() {
      failure ??= { error: new Error('The queue was stopped') }
      batch = []
      await Promise.all(running)
    },
  }
}
