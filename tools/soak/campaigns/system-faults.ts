import { appendFile, chmod, mkdtemp, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TrackwayError } from '@trackway/protocol'
import { createApp, createMemoryStore } from '@trackway/server'
import { openDirectoryStore } from '@trackway/server/node'
import { createCrashFileSystem } from '@trackway/simulation'
import { Artifact, login } from '@trackway/sdk'
import { counted, type Campaign, type Case } from '../campaign.ts'
import { createWorld, type World } from '../world.ts'

const codes = ['ENOSPC', 'EACCES', 'EMFILE', 'EIO', 'EDQUOT'] as const
const expected: Record<(typeof codes)[number], string> = {
  ENOSPC: 'insufficient_storage',
  EDQUOT: 'insufficient_storage',
  EACCES: 'store_unsuitable',
  EMFILE: 'store_unavailable',
  EIO: 'store_unavailable',
}

/** Lets each call to the disk of a server fail in turn, and changes files while they are uploaded. */
export const systemFaults: Campaign = {
  name: 'system-faults',
  title:
    'full disk, no permission, too many open files, I/O errors at every call; files that change while they are added',
  unit: 'cases',
  quick: 'all',
  full: 'all',
  ...counted(findCases),
}

async function findCases(): Promise<Case[]> {
  const calls = await useDisk(() => undefined)
  const disk = Array.from({ length: calls }, (_, index) =>
    codes.map((code) => () => failAt(index + 1, code)),
  ).flat()
  const changes = Object.keys(fileChanges).flatMap((change) =>
    [20_000, 3_000_000, 9_000_000].map((size) => () => changeWhileAdded(change, size)),
  )
  return [...disk, ...changes]
}

/** Commits a version over a disk, and verifies it. Returns how many calls to the disk the commit took. */
async function useDisk(onCall: (number: number) => void): Promise<number> {
  let counts = true
  const disk = createCrashFileSystem({ onCall: (number) => void (counts && onCall(number)) })
  const { fileSystem } = disk
  const world = createWorld(1, { choose: () => 0 })
  await commit(world, fileSystem)
  const { calls } = disk
  counts = false
  // Whatever failed, doing it again succeeds, and one content is one version.
  await succeed(world, fileSystem)
  const versions = await world.verify(await openDirectoryStore('/store', { fileSystem }))
  if (versions !== 1) throw new Error(`One content became ${versions} versions`)
  return calls
}

type Disk = ReturnType<typeof createCrashFileSystem>['fileSystem']

async function succeed(world: World, fileSystem: Disk): Promise<void> {
  const server = world.serve(await openDirectoryStore('/store', { fileSystem }))
  await world.commit(server, content, { commitId })
}

/** The first try, which may fail, with an error that says why. */
async function commit(world: World, fileSystem: Disk): Promise<void> {
  try {
    const server = world.serve(await openDirectoryStore('/store', { fileSystem }))
    await world.commit(server, content, { commitId, attempts: 1 })
  } catch (error) {
    if (!TrackwayError.isInstance(error)) throw error
    failure = error.code
  }
}

const commitId = '00000000-0000-4000-8000-000000000001'
const content = { a: new TextEncoder().encode('one'), b: new TextEncoder().encode('two') }
let failure: string | undefined

async function failAt(call: number, code: (typeof codes)[number]): Promise<void> {
  failure = undefined
  let what = false
  await useDisk((number) => {
    if (number !== call) return
    what = true
    throw Object.assign(new Error(`${code}: refused`), { code })
  })
  // Some failures do no harm, such as that a temporary file stays.
  const isRight = failure === undefined || failure === expected[code]
  if (what && !isRight) throw new Error(`${code} at call ${call} became ${failure}`)
}

/** Changes of a file that the client does not know of. */
const fileChanges: Record<string, (path: string) => Promise<void>> = {
  grows: (path) => appendFile(path, 'more'),
  shrinks: (path) => truncate(path, 10),
  vanishes: (path) => unlink(path),
  'is rewritten': async (path) => {
    await unlink(path)
    await writeFile(path, 'other')
  },
  'becomes unreadable': (path) => chmod(path, 0),
}

/** A file changes after it is added, or while it is sent: an error, or its content at one moment. */
async function changeWhileAdded(change: string, size: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-changes-'))
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache')
  try {
    const path = join(folder, 'data.bin')
    const bytes = Buffer.alloc(size, 7)
    await writeFile(path, bytes)
    const app = await createApp({ store: createMemoryStore(), access: { user: 'tester' } })
    let requests = 0
    const session = await login({
      host: 'http://test',
      apiKey: 'tw_test',
      quiet: true,
      fetch: async (request: Request) => {
        // The upload's first request: the file was added by then.
        requests += 1
        if (requests === 4) await fileChanges[change]?.(path)
        return app.fetch(request)
      },
    })
    await session.init({ quiet: true })
    const artifact = new Artifact('sample', 'dataset')
    await artifact.add(path)
    const uploaded = await session.uploadArtifact(artifact, { quiet: true }).catch((error: unknown) => {
      if (!TrackwayError.isInstance(error)) throw error
      return undefined
    })
    const versions = await session.listVersions('sample', 'dataset').catch(() => [])
    if (versions.length !== (uploaded === undefined ? 0 : 1))
      throw new Error(`${change}: there are ${versions.length} versions`)
    if (uploaded === undefined) return
    const read = await (await session.getArtifact('sample', 'dataset')).entry('data.bin').bytes()
    const states = [bytes, await readFile(path).catch(() => bytes)]
    if (!states.some((state) => Buffer.compare(read, state) === 0))
      throw new Error(`${change}: the version has bytes that the file never had`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
