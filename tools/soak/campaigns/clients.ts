import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as settleOnce } from 'node:timers/promises'
import { sha256, TrackwayError, type Digest } from '@trackway/protocol'
import { checkStore, createApp, createMemoryStore, type App, type ObjectStore } from '@trackway/server'
import { createFaultStore } from '@trackway/server/testing'
import { createRandom, createScheduler, playGlobals } from '@trackway/simulation'
import { Artifact, login, type Session } from '@trackway/sdk'
import type { Campaign, Counts } from '../campaign.ts'

/**
 * Several instances of the SDK in one process, with servers that share a faulty store, in virtual time that
 * depends on one number: uploads, merges, downloads. The same number gives the same run.
 */
export const clients: Campaign = {
  name: 'clients',
  title:
    'the SDK over faulty servers in virtual time: uploads and merges; and the same number is the same run',
  unit: 'seeds',
  quick: 60,
  full: 5000,
  async run(seed) {
    const first = await play(seed)
    if (seed % 10 === 0) {
      const second = await play(seed)
      if (first.trace !== second.trace) throw new Error('Two runs of one number differ')
    }
    return first.counts
  },
}

type Files = Record<string, string>

interface Played {
  counts: Counts
  /** The digest of whose turn it was each time, and what for. */
  trace: Digest
}

/** Each run has its own cache, so that it does not depend on what another run has read. */
async function play(seed: number): Promise<Played> {
  const cache = mkdtempSync(join(tmpdir(), 'trackway-clients-'))
  process.env['XDG_CACHE_HOME'] = cache
  try {
    return await playOver(seed)
  } finally {
    rmSync(cache, { recursive: true })
  }
}

async function playOver(seed: number): Promise<Played> {
  const random = createRandom(seed)
  const trace: string[] = []
  const scheduler = createScheduler({
    random,
    settle,
    choose(waiting) {
      // In an order of their own: the disk answers in any.
      const names = waiting.map(({ actor, what }) => `${actor} ${what}`)
      const chosen = names.toSorted()[random.below(names.length)] ?? ''
      trace.push(chosen)
      return names.indexOf(chosen)
    },
  })
  const { clockAndIds } = scheduler
  const store = createMemoryStore({ now: clockAndIds.now })
  const rate = random.chance(0.3) ? 0 : random.next() * 0.03
  const uploaded = new Map<string, Files>()
  let isOpen = false
  const clientStores = Array.from({ length: 2 + random.below(3) }, (_, index) => {
    const faults = createFaultStore(store, () =>
      isOpen && random.chance(rate) ? random.pick(['before', 'after', 'later'] as const) : undefined,
    )
    return { faults, name: `client ${index}`, inTurns: scheduler.takeTurns(faults.store, `client ${index}`) }
  })
  const sessions = await Promise.all(
    clientStores.map(async ({ faults, inTurns }) => {
      // The requests that open a store take no turns.
      const over = new Proxy(faults.store, {
        get: (target, key: keyof ObjectStore) => (isOpen ? inTurns : target)[key],
      })
      return open(await createApp({ store: over, access: { user: 'tester' }, clockAndIds }))
    }),
  )
  const restoreGlobals = playGlobals(scheduler, random)
  isOpen = true
  try {
    const results = await scheduler.run(
      sessions.map((session, index) => async () => {
        // One moves at a time, from the first step on.
        await scheduler.turn(`client ${index}`, 'begin')
        for (let upload = 0; upload < 2; upload += 1) {
          const files = { [`of-${index}`]: `upload ${upload}`, unique: `${index}.${upload}` }
          const onConflict = random.pick(['next', 'merge'] as const)
          const tag = await uploadFiles(session, files, onConflict)
          if (tag !== undefined) uploaded.set(tag, files)
          await clientStores[index]?.faults.releaseLate()
        }
      }),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
  } finally {
    isOpen = false
    restoreGlobals()
  }
  const versions = await verify(store, uploaded)
  const counts = { uploads: uploaded.size, versions, turns: scheduler.steps }
  return { counts, trace: sha256(new TextEncoder().encode(trace.join('\n'))) }
}

function open(app: App): Promise<Session> {
  const retry = { budgetMs: 60_000, firstDelayMs: 100, maxDelayMs: 2000 }
  const fetch = (request: Request) => app.fetch(request)
  return login({ host: 'http://test', apiKey: 'tw_test', team: 'team', fetch, retry, quiet: true })
}

/** Uploads files; returns undefined if that fails, which is allowed. */
async function uploadFiles(
  session: Session,
  files: Files,
  onConflict: 'next' | 'merge',
): Promise<string | undefined> {
  const artifact = new Artifact('sample', 'dataset')
  for (const [name, text] of Object.entries(files))
    await artifact.add(new TextEncoder().encode(text), { name })
  try {
    const options = { experiment: 'demo', onConflict, quiet: true } as const
    const { tag, created } = await session.uploadArtifact(artifact, options)
    // Its content is in no other upload, so that only a request sent again under another commit
    // finds it made.
    if (!created) throw new Error(`${tag} was made by an upload that says it did not make it`)
    return tag
  } catch (error) {
    if (TrackwayError.isInstance(error)) return undefined
    throw error
  }
}

/** Every acknowledged version has its files, and no content is stored twice. */
async function verify(store: ObjectStore, uploaded: ReadonlyMap<string, Files>): Promise<number> {
  const session = await open(await createApp({ store, access: { user: 'tester' } }))
  for (const [tag, files] of uploaded) {
    const artifact = await session.getArtifact('sample', 'dataset', tag, { experiment: 'demo' })
    for (const [path, text] of Object.entries(files))
      if ((await artifact.entry(path).text()) !== text)
        throw new Error(`${tag} does not have ${text} in ${path}`)
  }
  const { ok, damages } = await checkStore(store, { readData: true })
  if (!ok) throw new Error(`check finds damage: ${JSON.stringify(damages)}`)
  if (uploaded.size === 0) return 0
  const versions = await session.listVersions('sample', 'dataset', { experiment: 'demo' })
  if (new Set(versions.map(({ digest }) => digest)).size < versions.length)
    throw new Error('One upload made two versions')
  return versions.length
}

/** Bodies take a few rounds of the event loop, and files as long as the disk takes. */
async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 6; quiet += 1) {
    await settleOnce()
    if (process.getActiveResourcesInfo().some((resource) => /^(FSReq|CloseReq)/.test(resource))) quiet = 0
  }
}
