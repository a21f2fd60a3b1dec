import { createTarPacker } from 'modern-tar'
import type { StoredEntry } from '../engine/stored-entry.ts'
import type { ByteStream } from '../stores/object-store.ts'

/**
 * The stored files of a version as a tar archive (POSIX.1-2001), in the manifest's order, each with the
 * version's time.
 */
export async function* createArchive(
  entries: AsyncIterable<StoredEntry>,
  modifiedAt: Date,
  read: (entry: StoredEntry) => ByteStream,
): ByteStream {
  const { readable, controller } = createTarPacker()
  const packed = pack()
  const reader = readable.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      yield value
    }
    await packed
  } finally {
    await reader.cancel().catch(() => {})
    await packed.catch(() => {})
  }

  async function pack(): Promise<void> {
    try {
      for await (const stored of entries) await packEntry(stored)
      controller.finalize()
    } catch (error) {
      controller.error(error)
    }
  }

  async function packEntry(stored: StoredEntry): Promise<void> {
    const { entry } = stored
    const mode = entry.executable ? 0o755 : 0o644
    const writer = controller
      .add({ name: entry.path, size: entry.size, mode, mtime: modifiedAt, type: 'file' })
      .getWriter()
    for await (const piece of read(stored)) {
      await writer.ready
      await writer.write(piece)
    }
    await writer.close()
  }
}
