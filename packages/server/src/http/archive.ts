import type { Manifest, ManifestEntry } from '@trackway/protocol'
import { createTarPacker } from 'modern-tar'
import type { ByteStream } from '../stores/object-store.ts'

/** The files of a version, all of them stored, as a tar archive (POSIX.1-2001), in the manifest's order, each with the version's time. */
export async function* createArchive(
  manifest: Manifest,
  modifiedAt: Date,
  read: (entry: ManifestEntry) => ByteStream,
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
      for (const entry of manifest.entries) await packEntry(entry)
      controller.finalize()
    } catch (error) {
      controller.error(error)
    }
  }

  async function packEntry(entry: ManifestEntry): Promise<void> {
    const mode = entry.executable ? 0o755 : 0o644
    const writer = controller
      .add({ name: entry.path, size: entry.size, mode, mtime: modifiedAt, type: 'file' })
      .getWriter()
    for await (const piece of read(entry)) {
      await writer.ready
      await writer.write(piece)
    }
    await writer.close()
  }
}
