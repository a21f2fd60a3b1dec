import type { Campaign } from '../campaign.ts'
import { createWorld, drawFiles } from '../world.ts'

/**
 * Writers of one artifact whose replies get lost: tags are dense, each is given once, and none is lost. Each
 * commit gets its own version, or one that another writer has just made with the same content.
 */
export const tags: Campaign = {
  name: 'tags',
  title: '2 to 64 writers of one artifact, replies lost: dense, unique, one tag per commit or shared content',
  unit: 'histories',
  quick: 300,
  full: 20_000,
  s3: { quick: 4, full: 500 },
  async run(seed, { bucket }) {
    const world = createWorld(seed, { bucket })
    const { random, scheduler } = world
    const writers = random.chance(0.9) ? 2 + random.below(10) : 2 + random.below(63)
    const each = writers > 16 ? 1 : 1 + random.below(3)
    // Each attempt looks at every version: with many of them few replies may be lost if it is
    // ever to succeed.
    const lossy = random.next() * Math.min(0.1, 1.5 / (writers * each))
    // Few contents, so that writers upload the same one; or so many that each makes a version.
    const shares = random.chance(0.5)
    let content = 0
    const draw = () =>
      shares ? drawFiles(random, 3) : { file: new TextEncoder().encode(`${(content += 1)}`) }
    const own = new Set<string>()
    const results = await scheduler.run(
      Array.from({ length: writers }, (_, index) => async () => {
        const server = world.startServer(`writer ${index}`, () =>
          random.chance(lossy) ? random.pick(['before', 'after', 'later'] as const) : undefined,
        )
        for (let commit = 0; commit < each; commit += 1) {
          own.add(await world.commit(server, draw(), { attempts: 200 }))
          await server.faults.releaseLate()
        }
      }),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
    const versions = await world.verify()
    const commits = writers * each
    if (versions !== own.size || (!shares && versions !== commits))
      throw new Error(`${commits} commits got ${own.size} tags and made ${versions} versions`)
    return { commits, versions, turns: scheduler.steps, 'most writers': writers }
  },
}
