import { createCrashFileSystem, createRandom, type CrashFileSystem } from '@trackway/simulation'
import { openDirectoryStore } from '@trackway/server/node'
import type { ObjectStore } from '@trackway/server'
import type { Campaign } from '../campaign.ts'
import { createWorld, drawFiles, isExpected, scope, type World } from '../world.ts'

const root = '/store'

/**
 * Several processes over one folder of a disk that loses power during any call: everything that was
 * acknowledged to a writer, or shown to a reader, is stored after the restart, and nothing is partial.
 */
export const powerLoss: Campaign = {
  name: 'power-loss',
  title: 'a disk that keeps flushed data and a random part of the rest, cut at any call',
  unit: 'cuts',
  quick: 500,
  full: 50_000,
  async run(seed) {
    const random = createRandom(seed)
    let cut = 1 + random.below(random.pick([60, 300, 1200]))
    const disk = createCrashFileSystem({
      onCall(number) {
        if (number >= cut) throw Object.assign(new Error('EIO: the power is gone'), { code: 'EIO' })
      },
    })
    const world = createWorld(seed + 1)
    const processes = 1 + random.below(3)
    const readers = random.below(3)
    // Now and then the power goes just when a reader was shown what somebody has only begun to store.
    const onNews = () => {
      if (random.chance(0.3)) cut = disk.calls + 1
    }
    let writing = processes
    const isOver = () => writing === 0
    const results = await world.scheduler.run([
      ...Array.from(
        { length: processes },
        (_, index) => () => write(world, disk, `writer ${index}`).finally(() => (writing -= 1)),
      ),
      ...Array.from(
        { length: readers },
        (_, index) => () => read(world, disk, { name: `reader ${index}`, onNews, isOver }),
      ),
    ])
    for (const result of results)
      if (result.status === 'rejected' && !isExpected(result.reason)) throw result.reason

    const { fileSystem } = disk.afterPowerLoss(random)
    const after = createWorld(seed, { store: await openDirectoryStore(root, { fileSystem }) })
    const versions = await world.verify(after.store)
    // The next process continues with what is left.
    const server = after.startServer('after')
    await after.scheduler.run([() => after.commit(server, drawFiles(random, 5), { name: 'another' })])
    await after.verify()
    return { versions, 'calls before the cut': Math.min(cut, disk.calls) }
  },
}

/** Commits through a store of its own. */
async function write(world: World, disk: CrashFileSystem, name: string): Promise<void> {
  const server = world.serve(await openInTurns(world, disk, name))
  for (let commit = 0; commit < 3; commit += 1)
    await world.commit(server, drawFiles(world.random, 5), { attempts: 1 })
}

/** Reads what others commit. What it saw has to stay, whether or not the commit was acknowledged. */
async function read(
  world: World,
  disk: CrashFileSystem,
  { name, onNews, isOver }: { name: string; onNews: () => void; isOver: () => boolean },
): Promise<void> {
  const { engine } = world.serve(await openInTurns(world, disk, name))
  const seen = new Set<string>()
  while (!isOver()) {
    for await (const record of engine.versions.list(scope)) {
      world.oracle.acknowledge(scope, record)
      if (!seen.has(record.tag)) onNews()
      seen.add(record.tag)
    }
  }
}

/** A process of its own over the folder: each of its calls to the disk takes a turn. */
function openInTurns(world: World, { fileSystem }: CrashFileSystem, name: string): Promise<ObjectStore> {
  const inTurns = new Proxy(fileSystem, {
    get:
      (target, method: keyof typeof fileSystem) =>
      async (...words: [string, never]) => {
        await world.scheduler.turn(name, method)
        return target[method](...words)
      },
  })
  return openDirectoryStore(root, { fileSystem: inTurns })
}
