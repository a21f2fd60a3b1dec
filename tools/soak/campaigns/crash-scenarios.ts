import { sha256, TrackwayError } from '@trackway/protocol'
import { createApiKey, listApiKeys } from '@trackway/server'
import type { Files } from '@trackway/simulation'
import { dayMs, scope, type Server, type World } from '../world.ts'

/** Something that users do, at every operation of which the process may die. */
export interface Scenario {
  name: string
  /** Prepares the store. */
  prepare?(world: World, server: Server): Promise<unknown>
  /** Does it. Doing it again has to succeed, whatever happened the first time. */
  act(world: World, server: Server): Promise<unknown>
  /** Checks the final state; throws if it is wrong. */
  expect?(world: World, server: Server): Promise<unknown>
  /** The final number of versions. */
  versions: number
}

const author = { user: 'tester' }
const ids = Array.from({ length: 8 }, (_, index) => `0000000${index}-0000-4000-8000-000000000000`)
const idOf = (index: number) => ids[index] ?? ''
const files = (...contents: string[]): Files =>
  Object.fromEntries(contents.map((content, index) => [`file-${index}`, new TextEncoder().encode(content)]))

const first = (world: World, server: Server) =>
  world.commit(server, files('one', 'two'), { commitId: idOf(1) })
const second = (world: World, server: Server) =>
  world.commit(server, files('two', 'three'), { commitId: idOf(2), base: 'V1' })

/** One version that is deleted, whose data is old, and one that shares a file with it. */
async function deletedLongAgo(world: World, server: Server): Promise<void> {
  await first(world, server)
  await second(world, server)
  await remove(world, server, 'V1')
  world.scheduler.pass(8 * dayMs)
}

async function remove({ oracle }: World, server: Server, tag: `V${number}`): Promise<void> {
  oracle.attemptChange(scope, tag)
  await server.engine.versions.delete(scope, tag, author)
  oracle.acknowledgeChange(scope, tag, 'deleted')
}

async function restore({ oracle }: World, server: Server, tag: `V${number}`): Promise<void> {
  oracle.attemptChange(scope, tag)
  await server.engine.versions.restore(scope, tag, author)
  oracle.acknowledgeChange(scope, tag, 'there')
}

function demand(condition: boolean, complaint: string): void {
  if (!condition) throw new Error(complaint)
}

async function pointsAt(server: Server, tag: string | null): Promise<void> {
  const current = await server.engine.aliases.current(scope, 'best')
  demand(current === tag, `the alias points at ${current} and not at ${tag}`)
}

async function hasBlob({ store }: World, content: string): Promise<boolean> {
  const hex = sha256(new TextEncoder().encode(content)).slice('sha256:'.length)
  return (await store.head(`t/team/b/${hex.slice(0, 2)}/${hex.slice(2)}`)) !== undefined
}

export const scenarios: readonly Scenario[] = [
  { name: 'the first version', act: first, versions: 1 },
  { name: 'a version that shares files', prepare: first, act: second, versions: 2 },
  { name: 'the same commit again', prepare: first, act: first, versions: 1 },
  {
    name: 'the same content as the latest version',
    prepare: first,
    act: (world, server) => world.commit(server, files('one', 'two'), { commitId: idOf(3) }),
    versions: 1,
  },
  {
    name: 'the same content as a version that was made since the base',
    prepare: async (world, server) => {
      await first(world, server)
      await second(world, server)
      await world.commit(server, files('four'), { commitId: idOf(3), base: 'V2' })
    },
    act: (world, server) => world.commit(server, files('two', 'three'), { commitId: idOf(4), base: 'V1' }),
    versions: 3,
  },
  {
    name: 'the same content as an older version',
    prepare: async (world, server) => {
      await first(world, server)
      await second(world, server)
    },
    act: (world, server) => world.commit(server, files('one', 'two'), { commitId: idOf(3), base: 'V2' }),
    versions: 3,
  },
  {
    name: 'a version of many blobs',
    act: (world, server) =>
      world.commit(server, files(...Array.from({ length: 9 }, (_, index) => `part ${index}`)), {
        commitId: idOf(1),
      }),
    versions: 1,
  },
  {
    name: 'a version without files',
    act: (world, server) => world.commit(server, {}, { commitId: idOf(1) }),
    versions: 1,
  },
  {
    name: 'an upload that resumes an aborted one',
    prepare: (_, { engine }) => engine.blobs.put(scope.team, one('one')),
    act: first,
    versions: 1,
  },
  {
    name: 'an upload after a reservation that nobody used',
    prepare: async (world, server) => {
      await first(world, server)
      await server.engine.manifests.reserve(
        scope.team,
        (await server.engine.versions.resolve(scope, 'V1')).manifest.digest,
      )
    },
    act: second,
    versions: 2,
  },
  {
    name: 'a conflict that is merged',
    prepare: async (world, server) => {
      await first(world, server)
      await second(world, server)
    },
    async act(world, server) {
      // Based on V1 while V2 is there: the client merges, and makes the version on top of V2.
      const { entries } = await server.engine.manifests.read(
        scope.team,
        (await server.engine.versions.resolve(scope, 'V2')).manifest.digest,
      )
      demand(entries.length === 2, 'V2 has two files')
      await world.commit(server, files('two', 'three', 'mine'), { commitId: idOf(3), base: 'V2' })
    },
    versions: 3,
  },
  {
    name: 'the first move of an alias',
    prepare: first,
    act: (_, { engine }) => engine.aliases.move(scope, 'best', { tag: 'V1', ...author }),
    expect: (_, server) => pointsAt(server, 'V1'),
    versions: 1,
  },
  {
    name: 'another move of an alias',
    prepare: async (world, server) => {
      await first(world, server)
      await second(world, server)
      await server.engine.aliases.move(scope, 'best', { tag: 'V1', ...author })
    },
    act: (_, { engine }) => engine.aliases.move(scope, 'best', { tag: 'V2', ...author }),
    expect: (_, server) => pointsAt(server, 'V2'),
    versions: 2,
  },
  {
    name: 'the removal of an alias',
    prepare: async (world, server) => {
      await first(world, server)
      await server.engine.aliases.move(scope, 'best', { tag: 'V1', ...author })
    },
    act: (_, { engine }) => engine.aliases.move(scope, 'best', { tag: null, ...author }),
    expect: (_, server) => pointsAt(server, null),
    versions: 1,
  },
  { name: 'a deletion', prepare: first, act: (world, server) => remove(world, server, 'V1'), versions: 1 },
  {
    name: 'a restoration',
    prepare: async (world, server) => {
      await first(world, server)
      await remove(world, server, 'V1')
    },
    act: (world, server) => restore(world, server, 'V1'),
    versions: 1,
  },
  {
    name: 'a second deletion',
    prepare: async (world, server) => {
      await first(world, server)
      await remove(world, server, 'V1')
      await restore(world, server, 'V1')
    },
    act: (world, server) => remove(world, server, 'V1'),
    versions: 1,
  },
  {
    name: 'retention by rule',
    prepare: async (world, server) => {
      await first(world, server)
      await second(world, server)
      await world.commit(server, files('four'), { commitId: idOf(3), base: 'V2' })
      for (const tag of ['V1', 'V2']) world.oracle.attemptChange(scope, tag)
    },
    act: (_, { engine }) => engine.retention.apply(scope, { keepLast: 1 }, author),
    versions: 3,
  },
  {
    name: 'a sweep of what uploads left',
    prepare: async (world, server) => {
      await first(world, server)
      await server.engine.blobs.put(scope.team, one('nobody needs this'))
      world.scheduler.pass(8 * dayMs)
    },
    act: (_, server) => server.sweep({ resume: true }),
    expect: async (world) => demand(!(await hasBlob(world, 'nobody needs this')), 'the sweep left something'),
    versions: 1,
  },
  {
    name: 'a sweep of a deleted version',
    prepare: deletedLongAgo,
    act: (_, server) => server.sweep({ resume: true }),
    expect: async (world) => demand(!(await hasBlob(world, 'one')), 'the sweep left something'),
    versions: 2,
  },
  {
    name: 'an upload of what a sweep has just taken',
    prepare: async (world, server) => {
      await deletedLongAgo(world, server)
      await server.sweep()
    },
    act: (world, server) => world.commit(server, files('one', 'two'), { commitId: idOf(3), base: 'V2' }),
    versions: 3,
  },
  {
    name: 'a restoration that comes too late',
    prepare: async (world, server) => {
      await deletedLongAgo(world, server)
      await server.sweep()
      world.oracle.attemptChange(scope, 'V1')
    },
    act: (_, { engine }) =>
      engine.versions.restore(scope, 'V1', author).then(
        () => demand(false, 'V1 was restored without its data'),
        (error: unknown) => {
          if (!TrackwayError.hasCode(error, 'version_deleted')) throw error
        },
      ),
    versions: 2,
  },
  {
    name: 'reading a version',
    prepare: first,
    async act(_, { engine }) {
      const { manifest } = await engine.versions.resolve(scope, 'latest')
      for (const { digest } of (await engine.manifests.read(scope.team, manifest.digest)).blobs)
        for await (const piece of (await engine.blobs.get(scope.team, digest)).body)
          demand(piece.length > 0, 'no bytes')
    },
    versions: 1,
  },
  {
    name: 'a run from its beginning to its end',
    prepare: first,
    async act(_, { engine }) {
      const { run } = await engine.runs.create(scope, { run: 'train', commitId: idOf(4), ...author })
      const at = { ...scope, run: run.run }
      await engine.runs.appendLog(at, '0000000001-00000001', [{ step: 0, key: 'loss', value: 1, time: 0 }])
      await engine.lineage.addInput(at, await engine.versions.resolve(scope, 'V1'))
      await engine.runs.finish(at, { state: 'finished', commitId: idOf(5) })
    },
    async expect(_, { engine }) {
      const at = { ...scope, run: 'train' }
      demand((await engine.runs.get(at)).state === 'finished', 'the run has not ended')
      demand((await engine.runs.readLog(at)).points.length === 1, 'the log is not whole')
      demand((await engine.lineage.ofRun(at)).inputs.length === 1, 'the lineage is not whole')
    },
    versions: 1,
  },
  {
    name: 'an API key',
    act: (world) => createApiKey(world.store, { user: 'ada', roles: { team: 'read' }, key: 'tw_test' }),
    expect: async ({ store }) => demand((await listApiKeys(store)).length === 1, 'there is not one key'),
    versions: 0,
  },
]

async function* one(content: string) {
  const bytes = new TextEncoder().encode(content)
  yield { digest: sha256(bytes), pieces: [bytes] }
}
