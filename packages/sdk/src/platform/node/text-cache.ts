import { digestHex, isDigest, sha256 } from '@trackway/protocol'
import type { TextCache } from '../platform.ts'
import { userCache } from './user-cache.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const digestLength = 'sha256:'.length + 64
const unusedMs = 60 * 24 * 60 * 60 * 1000

/** Each text is stored in a file of its own, after its digest. */
export const textCache: TextCache = {
  async keep(folder, key, text) {
    const content = encoder.encode(text)
    await userCache.write(nameOf(folder, key), [encoder.encode(sha256(content)), content])
    await userCache.prune(folder, unusedMs)
  },
  async read(folder, key) {
    const bytes = await userCache.read(nameOf(folder, key))
    if (bytes === undefined) return undefined
    const digest = decoder.decode(bytes.subarray(0, digestLength))
    const content = bytes.subarray(digestLength)
    return isDigest(digest) && digest === sha256(content) ? decoder.decode(content) : undefined
  },
  forget: (folder, key) => userCache.write(nameOf(folder, key), []),
}

function nameOf(folder: string, key: string): string {
  return `${folder}/${digestHex(sha256(encoder.encode(key)))}`
}
