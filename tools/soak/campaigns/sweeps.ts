import type { Campaign } from '../campaign.ts'
import { createWorld, dayMs, drawFiles, isExpected, scope } from '../world.ts'

/**
 * Commits beside sweeps that find what they need unused and old: writers share manifests and blobs, versions
 * are deleted between the rounds, and now and then a sweep dies half-way.
 */
export const sweeps: Campaign = {
  name: 'sweeps',
  title: 'commits that share blobs and manifests beside sweeps: nothing dangles',
  unit: 'histories',
  quick: 300,
  full: 30_000,
  s3: { quick: 1, full: 200 },
  async run(seed, { bucket }) {
    const world = createWorld(seed, { bucket })
    const { random, scheduler, oracle } = world
    const contents = 2 + random.below(5)
    let commits = 0
    let swept = 0
    let blobs = 0
    for (let round = 0; round < 6; round += 1) {
      const writers = 2 + random.below(3)
      // Each round has an artifact of its own, so that a commit looks at few versions.
      const name = `sample-${round}`
      const dying = random.chance(0.2) ? 1 + random.below(40) : Number.POSITIVE_INFINITY
      const slow = random.chance(0.3) ? 0.3 : 0
      const sweeper = world.startServer('sweeper', ({ number, kind, key }) => {
        if (number >= dying) return random.pick(['crash before', 'crash after'] as const)
        // A request to delete that seems to have failed, and arrives after everybody has continued.
        return kind === 'delete' && /\/[bm]\//.test(key) && random.chance(slow) ? 'later' : undefined
      })
      const results = await scheduler.run([
        async () => {
          const result = await sweeper.sweep({ resume: true })
          swept += 1
          blobs += result.blobs + result.manifests
        },
        async () => {
          for (let wait = random.below(120); wait > 0; wait -= 1) await scheduler.turn('network', 'wait')
          await sweeper.faults.releaseLate()
        },
        ...Array.from({ length: writers }, (_, index) => async () => {
          const server = world.startServer(`writer ${index}`)
          for (let commit = 0; commit < 2; commit += 1) {
            await world.commit(server, drawFiles(random, contents), { name })
            commits += 1
          }
        }),
      ])
      for (const result of results)
        if (result.status === 'rejected' && !isExpected(result.reason)) throw result.reason
      await sweeper.faults.releaseLate()
      await world.verify()
      await deleteAll(name)
      scheduler.pass(8 * dayMs)
    }
    await world.verify()
    return { commits, sweeps: swept, 'objects swept': blobs, turns: scheduler.steps }

    /** Leaves this round's data unused and old for the next. One version stays: a store is never empty. */
    async function deleteAll(name: string): Promise<void> {
      const server = world.startServer('operator')
      const at = { ...scope, name }
      await scheduler.run([
        async () => {
          for await (const { tag } of server.engine.versions.list(at)) {
            if (tag === 'V1' && random.chance(0.3)) continue
            oracle.attemptChange(at, tag)
            await server.engine.versions.delete(at, tag, { user: 'tester' })
            oracle.acknowledgeChange(at, tag, 'deleted')
          }
        },
      ])
    }
  },
}
