import { digestSchema, sha256 } from '@trackway/protocol'
import { userCache } from '#platform'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const digestLength = 'sha256:'.length + 64
const unusedMs = 60 * 24 * 60 * 60 * 1000

/** Keeps a text in the user's cache, behind its digest, until it was not used for two months. */
export async function keepChecked(folder: string, name: string, text: string): Promise<void> {
  const content = encoder.encode(text)
  await userCache.write(`${folder}/${name}`, [encoder.encode(sha256(content)), content])
  await userCache.prune(folder, unusedMs)
}

/** The text that was kept; undefined where there is none, or what lies there is not what was written. */
export async function readChecked(folder: string, name: string): Promise<string | undefined> {
  const bytes = await userCache.read(`${folder}/${name}`)
  if (bytes === undefined) return undefined
  const digest = digestSchema.safeParse(decoder.decode(bytes.subarray(0, digestLength)))
  const content = bytes.subarray(digestLength)
  return digest.success && digest.data === sha256(content) ? decoder.decode(content) : undefined
}

/** What was kept is not true any more. */
export async function forgetChecked(folder: string, name: string): Promise<void> {
  await userCache.write(`${folder}/${name}`, [])
}
