import {
  createManifestParser,
  digestHex,
  sha256,
  type Digest,
  type Limits,
  type Manifest,
} from '@trackway/protocol'
import { userCache } from '#platform'

const unusedMs = 60 * 24 * 60 * 60 * 1000
/** A larger manifest is fetched again. */
const mostBytes = 128 * 1024 * 1024

function nameOf(digest: Digest): string {
  const hex = digestHex(digest)
  return `manifests/${hex.slice(0, 2)}/${hex.slice(2)}`
}

/** A manifest that was fetched or made here before: it never changes, and its digest identifies it. */
export async function readManifest(digest: Digest, limits: Limits): Promise<Manifest | undefined> {
  const bytes = await userCache?.read(nameOf(digest))
  if (bytes === undefined || sha256(bytes) !== digest) return undefined
  const parser = createManifestParser(limits)
  parser.write(bytes)
  return parser.end()
}

/** Collects a manifest's bytes while they arrive, to keep them. */
export interface ManifestCopy {
  add(piece: Uint8Array): void
  keep(): Promise<void>
}

export function copyManifest(digest: Digest): ManifestCopy {
  let pieces: Uint8Array[] = []
  let size = 0
  return {
    add(piece) {
      size += piece.length
      if (size <= mostBytes) pieces.push(piece)
      else pieces = []
    },
    async keep() {
      if (size > mostBytes) return
      await userCache?.write(nameOf(digest), pieces)
      await userCache?.prune('manifests', unusedMs)
    },
  }
}
