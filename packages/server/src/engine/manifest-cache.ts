import type { Manifest } from '@trackway/protocol'

const maxEntries = 300_000

/**
 * Keeps the manifests that were read last, which never change, so that reading file after file of a version parses its
 * manifest once. Bounded by the entries of all that are kept.
 */
export function createManifestCache(): (key: string, read: () => Promise<Manifest>) => Promise<Manifest> {
  const kept = new Map<string, Manifest>()
  const reading = new Map<string, Promise<Manifest>>()
  let entries = 0

  function keep(key: string, manifest: Manifest): void {
    kept.set(key, manifest)
    entries += manifest.entries.length
    for (const [oldest, { entries: gone }] of kept) {
      if (entries <= maxEntries) return
      kept.delete(oldest)
      entries -= gone.length
    }
  }

  async function readAndKeep(key: string, read: () => Promise<Manifest>): Promise<Manifest> {
    try {
      const manifest = await read()
      keep(key, manifest)
      return manifest
    } finally {
      reading.delete(key)
    }
  }

  return async (key, read) => {
    const known = kept.get(key)
    if (known !== undefined) {
      kept.delete(key)
      kept.set(key, known)
      return known
    }
    const under = reading.get(key) ?? readAndKeep(key, read)
    reading.set(key, under)
    return under
  }
}
