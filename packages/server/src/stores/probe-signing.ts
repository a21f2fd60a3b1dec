import { messageOf, TrackwayError } from '@trackway/protocol'
import { signingChecks, type SigningCheck } from './checks/signing-checks.ts'
import type { ObjectStore, Signing } from './object-store.ts'

/**
 * Sends signed requests to a store, correct and incorrect ones, to see whether it enforces signatures: some
 * stores accept other bytes than a request was signed for, or copy objects without permission. Returns the
 * store with the part of its `signing` that it proved to enforce; none if its signed URLs cannot be reached.
 * Writes about twenty small objects under `probe/` and deletes them. Calls `report` with the reason for each
 * omission.
 */
export async function probeSigning(
  store: ObjectStore,
  report: (problem: string) => void = () => {},
): Promise<ObjectStore> {
  const { signing } = store
  if (signing === undefined) return store
  const broken = await findBroken(store, signing)
  for (const { property, reason } of broken) {
    report(`${store.description} does not keep this promise of signed requests: ${property}. ${reason}`)
  }
  if (broken.some(({ of }) => of === 'get')) return withSigning(store, undefined)
  if (broken.some(({ of }) => of === 'put'))
    return withSigning(store, { get: (key, options) => signing.get(key, options) })
  return store
}

type Broken = Pick<SigningCheck, 'of' | 'property'> & { reason: string }

async function findBroken(store: ObjectStore, signing: Signing): Promise<Broken[]> {
  const id = crypto.randomUUID().replaceAll('-', '')
  const written = new Set<string>()

  async function find({ of, property, run }: SigningCheck, index: number): Promise<Broken[]> {
    const key = (name: string) => {
      const one = `probe/${id}-${index}-${name}`
      written.add(one)
      return one
    }
    try {
      await run({ store, signing, key })
      return []
    } catch (error) {
      // A store that does not answer its own process is not a problem of signatures.
      if (TrackwayError.isInstance(error)) throw error
      return [{ of, property, reason: messageOf(error) }]
    }
  }

  const checks = signingChecks.filter(({ of }) => of === 'get' || signing.put !== undefined)
  try {
    // If even the first one fails, the others would only wait.
    const unreachable = (await Promise.all(checks.slice(0, 1).map(find))).flat()
    if (unreachable.length > 0) return unreachable
    const outcomes = await Promise.allSettled(checks.slice(1).map((check, index) => find(check, index + 1)))
    return outcomes.flatMap((outcome) => {
      if (outcome.status === 'fulfilled') return outcome.value
      throw outcome.reason
    })
  } finally {
    await Promise.allSettled([...written].map((key) => store.delete(key)))
  }
}

/** The same store with another `signing`. */
export function withSigning(store: ObjectStore, signing: Signing | undefined): ObjectStore {
  return { ...store, signing }
}
