import { storedManifest, type Choose } from '@trackway/simulation'
import { counted, type Campaign, type Counts } from '../campaign.ts'
import { createWorld, dayMs, isExpected, scope } from '../world.ts'

/**
 * The engine itself, one sweeper beside two writers of the same content, in every order of their operations
 * in which at most that many of them are interrupted: most races need one or two interruptions (Musuvathi and
 * Qadeer, Iterative Context Bounding, PLDI 2007).
 */
export const interleavings: Campaign = {
  name: 'interleavings',
  title: 'a sweeper and two writers of one manifest, every order of operations with up to two interruptions',
  unit: 'beginnings',
  quick: 4,
  full: 'all',
  ...counted(async () => all),
}

interface Start {
  /** Whether the blob and the manifest exist from a version that was deleted long ago. */
  blob: boolean
  manifest: boolean
  /** Whether somebody reserved the manifest long ago, which a sweep took since. */
  reserved?: boolean
}

const starts: readonly Start[] = [
  { blob: true, manifest: true },
  { blob: true, manifest: false },
  { blob: true, manifest: false, reserved: true },
  { blob: false, manifest: false },
]

/** With one interruption each at first, which takes seconds, then with two. */
const all = [1, 2].flatMap((interruptions) => starts.map((start) => () => runOrders(start, interruptions)))

async function runOrders(start: Start, interruptions: number): Promise<Counts> {
  let orders = 0
  let turns = 0
  for (const order of eachOrder(interruptions)) {
    orders += 1
    turns += await runOrder(start, order.choose)
  }
  return { orders, turns }
}

async function runOrder(start: Start, choose: Choose): Promise<number> {
  let isOpen = false
  const world = createWorld(1, { choose: (waiting, last) => (isOpen ? choose(waiting, last) : 0) })
  const { scheduler, oracle } = world
  const before = world.startServer('before')
  const content = { file: new TextEncoder().encode('shared') }
  const old = start.manifest ? content : { ...content, other: new TextEncoder().encode('gone') }
  const results = await scheduler.run([
    async () => {
      await world.commit(before, { kept: new TextEncoder().encode('kept') }, { name: 'kept' })
      if (start.reserved) {
        const { digest, body } = storedManifest(content)
        await before.engine.manifests.put({ team: scope.team, digest, body: body() })
        await world.store.delete(`t/${scope.team}/m/${digest.slice(7, 9)}/${digest.slice(9)}`)
      }
      if (!start.blob) return
      await world.commit(before, old, { name: 'old' })
      oracle.attemptChange({ ...scope, name: 'old' }, 'V1')
      await before.engine.versions.delete({ ...scope, name: 'old' }, 'V1', { user: 'tester' })
    },
  ])
  scheduler.pass(8 * dayMs)
  isOpen = true
  const sweeper = world.startServer('sweeper')
  const writers = [world.startServer('writer 1'), world.startServer('writer 2')]
  results.push(
    ...(
      await scheduler.run<unknown>([
        () => sweeper.sweep(),
        ...writers.map((server, index) => () => world.commit(server, content, { name: `new-${index}` })),
      ])
    ).map((result) => (result.status === 'rejected' ? result : { ...result, value: undefined })),
  )
  for (const result of results)
    if (result.status === 'rejected' && !isExpected(result.reason)) throw result.reason
  await world.verify()
  return scheduler.steps
}

/** Enumerates all orders: each time, `choose` follows the next one. */
function* eachOrder(interruptions: number): Generator<{ choose: Choose }> {
  // What was chosen at each turn of the previous run, and the alternatives.
  let path: { taken: number; options: number; cost: (option: number) => number }[] = []
  for (;;) {
    let depth = 0
    let spent = 0
    const choose: Choose = (waiting, last) => {
      const actors = [...new Set(waiting.map(({ actor }) => actor))].sort()
      // Continuing with the same one is tried first, and costs nothing.
      const goesOn = last !== undefined && actors.includes(last)
      const ordered = goesOn ? [last, ...actors.filter((actor) => actor !== last)] : actors
      const cost = (option: number) => (goesOn && option > 0 ? 1 : 0)
      const left = interruptions - spent
      const options = ordered.filter((_, option) => cost(option) <= left).length
      const step = path[depth] ?? { taken: 0, options, cost }
      path[depth] = { ...step, options, cost }
      spent += cost(step.taken)
      depth += 1
      const chosen = ordered[step.taken]
      return waiting.findIndex(({ actor }) => actor === chosen)
    }
    yield { choose }
    path = path.slice(0, depth)
    let last = path.at(-1)
    while (last !== undefined && last.taken + 1 >= last.options) {
      path.pop()
      last = path.at(-1)
    }
    if (last === undefined) return
    last.taken += 1
  }
}
