import { Artifact, login, type Session } from '@trackway/sdk'
import { experiment } from './honest-store.ts'

/** What a call of the SDK needs. */
export interface Scene {
  /** A folder of its own, with nothing in it. */
  folder: string
  /** The liar. */
  host: string
  /** An honest server, with a store of its own. */
  goodHost: string
  /** A version by its digest, and the one after it. */
  pinned: string
  next: string
  /** The URL of a referenced file, at the liar. */
  elsewhere: string
  signal: AbortSignal
  /** How long failed requests are retried. */
  budgetMs: number
  /** In place of the platform's. */
  fetch?: (request: Request) => Promise<Response>
}

export type Prepared = Record<string, unknown>

/** One reading call. If `isPinned`, its result is compared with that of an honest server. */
export interface Call {
  name: string
  /** Whether a digest decides what is right. */
  isPinned: boolean
  /** Whether it reads what stays elsewhere, which may take as long as its signal allows. */
  asksElsewhere?: true
  /** Runs before the server begins to lie. */
  prepare?(scene: Scene): Promise<Prepared>
  run(scene: Scene, prepared: Prepared): Promise<unknown>
}

export async function openSession({ host, signal, fetch, budgetMs }: Scene, at = host): Promise<Session> {
  const retry = { budgetMs, firstDelayMs: 5, maxDelayMs: 50 }
  const options = { quiet: true, retry, signal, ...(fetch && { fetch }) }
  return login({ host: at, apiKey: 'tw_x', team: 'team', experiment, ...options })
}

export const at = { experiment }
export const get = async (scene: Scene, revision: string, name = 'sample') =>
  (await openSession(scene)).getArtifact(name, 'dataset', revision, { ...at, signal: scene.signal })
export const prepared = { prepare: async (scene: Scene) => ({ artifact: await get(scene, scene.pinned) }) }
export const artifactIn = ({ artifact }: Prepared): Artifact => {
  if (artifact instanceof Artifact) return artifact
  throw new Error('No artifact was prepared')
}
export const listOf = (artifact: Artifact) =>
  artifact.entryList.map(({ path, size, digest }) => [path, size, digest])

export function asset(name: string, run: (session: Session, scene: Scene) => Promise<unknown>): Call {
  return { name, isPinned: true, run: async (scene) => run(await openSession(scene), scene) }
}

/** Calls whose results can only be held to their form. */
export function unchecked(name: string, run: (session: Session, scene: Scene) => Promise<unknown>): Call {
  return { name, isPinned: false, run: async (scene) => run(await openSession(scene), scene) }
}
