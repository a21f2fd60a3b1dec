import { TrackwayError } from '@trackway/protocol'
import { storedManifest } from '@trackway/simulation'
import type { Campaign, Counts } from '../campaign.ts'
import { createWorld, dayMs, drawFiles, isExpected, scope, type Server, type World } from '../world.ts'

const faults = ['before', 'after', 'later', 'torn', 'crash before', 'crash after'] as const

/**
 * A few clients and servers that do everything that is allowed, while operations fail, replies get
 * lost, requests arrive late and processes die; days pass in between. Exactly what was acknowledged
 * has to be stored.
 */
export const randomFaults: Campaign = {
  name: 'random-faults',
  title:
    '2 to 16 clients that commit, delete, restore, alias and sweep, under faults and crashes of every kind',
  unit: 'seeds',
  quick: 1200,
  full: 100_000,
  s3: { quick: 10, full: 1000 },
  async run(seed, { bucket }) {
    const world = createWorld(seed, { bucket })
    const { random, scheduler } = world
    const counts: Counts = { commits: 0, deletions: 0, restorations: 0, sweeps: 0, 'faults and crashes': 0 }
    const changes = createChanges(world)
    const servers = new Set<Server>()
    for (let phase = 0, phases = 1 + random.below(3); phase < phases; phase += 1) {
      const clients = random.chance(0.8) ? 2 + random.below(3) : 2 + random.below(15)
      const rate = random.chance(0.3) ? 0 : random.next() * 0.03
      const results = await scheduler.run(
        Array.from({ length: clients }, (_, index) => () => runClient(`client ${phase}.${index}`, rate)),
      )
      for (const result of results) if (result.status === 'rejected') throw result.reason
      // No request is under way for days.
      for (const { faults: store } of servers) await store.releaseLate()
      scheduler.pass(random.pick([0, 1, 2, 8, 8, 30]) * dayMs)
    }
    await sweepAll(world)
    if (counts['faults and crashes'] === 0) await checkAlias(world)
    return { ...counts, versions: await world.verify(), turns: scheduler.steps }

    async function runClient(name: string, rate: number): Promise<void> {
      // Clocks of servers may be off as they like: what keeps data goes by the store's.
      const skew = random.chance(0.2) ? (random.next() - 0.5) * 800 * dayMs : 0
      const start = () => {
        const server = world.startServer(
          name,
          () => {
            if (!random.chance(rate)) return undefined
            counts['faults and crashes'] = (counts['faults and crashes'] ?? 0) + 1
            return random.pick(faults)
          },
          skew,
        )
        servers.add(server)
        return server
      }
      let server = start()
      for (let action = 0, actions = 1 + random.below(3); action < actions; action += 1) {
        try {
          const did = await act(server)
          counts[did] = (counts[did] ?? 0) + 1
        } catch (error) {
          if (!isExpected(error)) throw error
          // Whatever failed, the process may be gone; another one takes its place.
          if (random.chance(0.5)) server = start()
        }
        if (random.chance(0.3)) await server.faults.releaseLate(1)
      }
    }

    async function act(server: Server): Promise<string> {
      const choice = random.next()
      if (choice < 0.05) {
        await commitWithoutBlobs(world, server)
        return 'hasty commits'
      }
      if (choice < 0.55) {
        const base = random.chance(0.3) ? ({ base: `V${1 + random.below(4)}` } as const) : {}
        await world.commit(server, drawFiles(random, 8), { attempts: 3, ...base })
        return 'commits'
      }
      const tag = `V${1 + random.below(4)}` as const
      if (choice < 0.65) return changes.change(server, tag, 'deleted')
      if (choice < 0.75) return changes.change(server, tag, 'there')
      if (choice < 0.85) {
        await server.engine.versions.resolve(scope, tag)
        await server.engine.aliases.move(scope, 'best', {
          tag: random.chance(0.7) ? tag : null,
          user: 'tester',
        })
        return 'alias moves'
      }
      await server.sweep()
      return 'sweeps'
    }
  },
}

/** A client that sends nothing: its version must not be made unless somebody else has sent the content. */
async function commitWithoutBlobs({ oracle, random }: World, server: Server): Promise<void> {
  const files = drawFiles(random, 12)
  const commitId = random.uuid()
  const { digest: manifest, body } = storedManifest(files)
  oracle.attempt(scope, commitId, files)
  const { reservation } = await server.engine.manifests.put({
    team: scope.team,
    digest: manifest,
    body: body(),
  })
  try {
    const request = { manifest, reservation, commitId }
    const { record } = await server.engine.versions.create(scope, { user: 'tester' }, request)
    oracle.acknowledge(scope, record, files)
  } catch (error) {
    if (!TrackwayError.hasCode(error, 'blobs_missing')) throw error
  }
}

/** Deletes and restores versions, and tells the oracle what is certain: where two overlap, nothing is. */
function createChanges({ oracle, scheduler }: World) {
  const under = new Map<string, number>()
  const deletedAt = new Map<string, number>()
  const blurred = new Set<string>()
  return {
    async change(server: Server, tag: `V${number}`, to: 'deleted' | 'there'): Promise<string> {
      const others = under.get(tag) ?? 0
      under.set(tag, others + 1)
      if (others > 0) blurred.add(tag)
      oracle.attemptChange(scope, tag)
      try {
        const { versions } = server.engine
        if (to === 'deleted') await versions.delete(scope, tag, { user: 'tester' })
        else await versions.restore(scope, tag, { user: 'tester' })
        // One that failed may still have its effect: from then on either is right.
        if (!blurred.has(tag)) {
          oracle.acknowledgeChange(scope, tag, to)
          if (to === 'there') deletedAt.delete(tag)
          else if (!deletedAt.has(tag)) deletedAt.set(tag, scheduler.clockAndIds.now())
        }
        return to === 'deleted' ? 'deletions' : 'restorations'
      } catch (error) {
        const since = deletedAt.get(tag)
        const isLate = since === undefined || scheduler.clockAndIds.now() - since >= 7 * dayMs
        const isRefused = TrackwayError.hasCode(error, 'version_deleted')
        if (isRefused && !isLate && !blurred.has(tag))
          throw new Error(`${tag} cannot be restored, though its grace is not over`, { cause: error })
        blurred.add(tag)
        throw error
      } finally {
        under.set(tag, (under.get(tag) ?? 1) - 1)
      }
    },
  }
}

/** If nothing failed, every alias points to an existing version. */
async function checkAlias({ store, serve }: World): Promise<void> {
  const { engine } = serve(store)
  const tag = await engine.aliases.current(scope, 'best')
  if (tag !== null) await engine.versions.resolve(scope, tag)
}

/** When all is quiet, sweeps until nothing is left to sweep: no version may lose anything by it. */
async function sweepAll(world: World): Promise<void> {
  const { scheduler } = world
  const server = world.startServer('the last sweeper')
  for (let round = 0; round < 3; round += 1) {
    scheduler.pass(8 * dayMs)
    const [result] = await scheduler.run([() => server.sweep({ resume: true })])
    // If no commit succeeded, there may be only blobs, and such a store is not swept.
    if (result?.status === 'rejected' && !isExpected(result.reason)) throw result.reason
  }
}
