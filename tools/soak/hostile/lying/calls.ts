import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { sha256, versionDigest } from '@trackway/protocol'
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
  /** Where a file elsewhere is, at the liar. */
  elsewhere: string
  signal: AbortSignal
}

type Prepared = Record<string, unknown>

/** One reading call. What it returns is compared with what it returns of an honest server, where `isPinned`. */
export interface Call {
  name: string
  /** Whether a digest decides what is right. */
  isPinned: boolean
  /** Whether it reads what stays elsewhere, which may take as long as its signal allows. */
  asksElsewhere?: true
  /** What is done before the server begins to lie. */
  prepare?(scene: Scene): Promise<Prepared>
  run(scene: Scene, prepared: Prepared): Promise<unknown>
}

const retry = { budgetMs: 3_000, firstDelayMs: 5, maxDelayMs: 50 }

async function open({ host, signal }: Scene, at = host): Promise<Session> {
  return login({ host: at, apiKey: 'tw_x', team: 'team', experiment, quiet: true, retry, signal })
}

const at = { experiment }
const get = async (scene: Scene, revision: string, name = 'sample') =>
  (await open(scene)).getArtifact(name, 'dataset', revision, { ...at, signal: scene.signal })
const prepared = { prepare: async (scene: Scene) => ({ artifact: await get(scene, scene.pinned) }) }
const artifactIn = ({ artifact }: Prepared): Artifact => {
  if (artifact instanceof Artifact) return artifact
  throw new Error('No artifact was prepared')
}
const listOf = (artifact: Artifact) =>
  artifact.entryList.map(({ path, size, digest }) => [path, size, digest])

/** Everything of an artifact, read and held to what it says of itself. */
async function contentOf(artifact: Artifact, scene: Scene) {
  const lines: { path: string; digest: ReturnType<typeof sha256> }[] = []
  for (const entry of artifact.entryList) {
    const bytes = await entry.bytes({ signal: scene.signal })
    if (sha256(bytes) !== entry.digest || bytes.length !== entry.size)
      throw new Error(`${entry.path} has other bytes than its digest says`)
    lines.push({ path: entry.path, digest: sha256(bytes) })
  }
  if (versionDigest(lines) !== artifact.digest) throw new Error('The entries are not those of the version')
  return lines
}

async function filesBelow(folder: string) {
  const items = await readdir(folder, { recursive: true, withFileTypes: true })
  // The marker says where the store was reached, which may be said otherwise.
  const files = items
    .filter((item) => item.isFile() && item.name !== '.SUCCESS')
    .map((item) => join(item.parentPath, item.name))
  return Promise.all(
    files.toSorted().map(async (path) => [path.slice(folder.length), sha256(await readFile(path))]),
  )
}

async function streamOf(stream: ReadableStream<Uint8Array>) {
  return sha256(await buffer(stream))
}

const revisions: [name: string, isPinned: boolean, revisionIn: (scene: Scene) => string][] = [
  ['digest', true, ({ pinned }) => pinned],
  ['short digest', true, ({ pinned }) => pinned.slice(0, 19)],
  ['tag', false, () => 'V1'],
  ['alias', false, () => 'best'],
  ['latest', false, () => 'latest'],
]

function byRevision(name: string, run: (scene: Scene, revision: string) => Promise<unknown>): Call[] {
  return revisions.map(([kind, isPinned, revisionIn]) => ({
    name: `${name} by ${kind}`,
    isPinned,
    run: (scene) => run(scene, revisionIn(scene)),
  }))
}

function of(name: string, run: (artifact: Artifact, scene: Scene) => Promise<unknown>): Call {
  return { name, isPinned: true, ...prepared, run: (scene, ready) => run(artifactIn(ready), scene) }
}

function asset(name: string, run: (session: Session, scene: Scene) => Promise<unknown>): Call {
  return { name, isPinned: true, run: async (scene) => run(await open(scene), scene) }
}

/** Calls whose answers nothing can be held to but their form. */
function unchecked(name: string, run: (session: Session, scene: Scene) => Promise<unknown>): Call {
  return { name, isPinned: false, run: async (scene) => run(await open(scene), scene) }
}

async function fetchFile(session: Session, scene: Scene, revision: string, verify = false) {
  const spec = `dataset/sample:${revision}`
  return filesBelow(await session.fetchAsset(spec, { ...at, verify, signal: scene.signal }))
}

const contents: Call[] = [
  { name: 'login', isPinned: false, run: async (scene) => (await open(scene)).team },
  ...byRevision('getArtifact', async (scene, revision) => listOf(await get(scene, revision))),
  ...byRevision('getArtifact and all bytes', async (scene, revision) =>
    contentOf(await get(scene, revision), scene),
  ),
  of('entry.text', (artifact, { signal }) => artifact.entry('notes.txt').text({ signal })),
  of('entry.json', (artifact, { signal }) => artifact.entry('data.json').json({ signal })),
  of('entry.bytes', async (artifact, scene) => contentOf(artifact, scene)),
  of('entry.stream', (artifact, { signal }) =>
    streamOf(artifact.entry('folder/large.bin').stream({ signal })),
  ),
  of('entry.bytes of a range that is a whole file', async (artifact, { signal }) =>
    sha256(await artifact.entry('folder/middle.bin').bytes({ start: 0, end: 300_000, signal })),
  ),
  {
    ...of('entry.bytes of a range within a blob', async (artifact, { signal }) => {
      const bytes = await artifact.entry('folder/large.bin').bytes({ start: 1000, end: 3000, signal })
      if (bytes.length !== 2000) throw new Error(`A range of 2,000 bytes has ${bytes.length}`)
      return sha256(bytes)
    }),
    isPinned: false,
  },
  of('entry.url', async (artifact, { host, signal }) => {
    const url = new URL(await artifact.entry('notes.txt').url({ signal }))
    if (url.origin !== host) throw new Error(`The address is elsewhere: ${url.origin}`)
    return url.pathname
  }),
  of('download', async (artifact, { folder, signal }) =>
    filesBelow(await artifact.download(join(folder, 'target'), { signal })),
  ),
  of('download of some files', async (artifact, { folder, signal }) =>
    filesBelow(await artifact.download(join(folder, 'target'), { include: ['*.txt'], signal })),
  ),
  of('download as an archive', async (artifact, { signal }) =>
    streamOf(artifact.archive({ signal }).stream()),
  ),
  of('download as a Blob', async (artifact, { signal }) =>
    streamOf((await artifact.archive({ signal }).blob()).stream()),
  ),
  of('checksums', (artifact) => artifact.checksums()),
  {
    name: 'download over another version',
    isPinned: true,
    async prepare(scene) {
      const target = join(scene.folder, 'target')
      await (await get(scene, scene.next)).download(target)
      return { ...(await prepared.prepare(scene)), target }
    },
    run: async ({ folder, signal }, ready) =>
      filesBelow(await artifactIn(ready).download(join(folder, 'target'), { overwrite: true, signal })),
  },
  {
    name: 'download that resumes',
    isPinned: true,
    async prepare(scene) {
      const ready = await prepared.prepare(scene)
      const target = join(scene.folder, 'target')
      await artifactIn(ready).download(target, { exclude: ['*.txt'] })
      // What an earlier download left, with a file that somebody has written to.
      await cp(target, join(scene.folder, '.target.trackway-partial'), { recursive: true })
      await writeFile(join(target, 'data.json'), 'other')
      return ready
    },
    run: async ({ folder, signal }, ready) =>
      filesBelow(await artifactIn(ready).download(join(folder, 'target'), { overwrite: true, signal })),
  },
  {
    name: 'verify',
    isPinned: true,
    async prepare(scene) {
      const ready = await prepared.prepare(scene)
      await artifactIn(ready).download(join(scene.folder, 'target'))
      return ready
    },
    async run(scene) {
      const artifact = await get(scene, scene.pinned)
      const target = join(scene.folder, 'target')
      const before = await artifact.verify(target, { signal: scene.signal })
      await writeFile(join(target, 'notes.txt'), 'The word is onf.\n')
      const after = await artifact.verify(target, { signal: scene.signal })
      return [before.ok, after.ok]
    },
  },
  {
    name: 'diff',
    isPinned: true,
    run: async (scene) => (await get(scene, scene.pinned)).diff(await get(scene, scene.next)),
  },
]

const assets: Call[] = [
  asset('fetchAsset by digest', (session, scene) => fetchFile(session, scene, scene.pinned)),
  asset('fetchAsset by digest, with verify', (session, scene) =>
    fetchFile(session, scene, scene.pinned, true),
  ),
  asset('fetchAsset of a file', async (session, { pinned, signal }) =>
    sha256(
      await readFile(await session.fetchAsset(`dataset/sample:${pinned}[notes.txt]`, { ...at, signal })),
    ),
  ),
  unchecked('fetchAsset of latest', (session, scene) => fetchFile(session, scene, 'latest')),
  ...(['digest', 'latest'] as const).map(
    (kind): Call => ({
      name: `fetchAsset of ${kind} that is here`,
      isPinned: kind === 'digest',
      async prepare(scene) {
        const session = await open(scene)
        await fetchFile(session, scene, kind === 'digest' ? scene.pinned : 'latest')
        return { session }
      },
      run: async (scene) => fetchFile(await open(scene), scene, kind === 'digest' ? scene.pinned : 'latest'),
    }),
  ),
]

const artifact = ['sample', 'dataset'] as const
const lists: Call[] = [
  unchecked('listExperiments', (session, { signal }) => session.listExperiments({ signal })),
  unchecked('listArtifacts', (session, { signal }) => session.listArtifacts({ ...at, signal })),
  unchecked('listVersions', (session, { signal }) => session.listVersions(...artifact, { ...at, signal })),
  unchecked('listAliases', (session, { signal }) => session.listAliases(...artifact, { ...at, signal })),
  unchecked('listRuns', (session, { signal }) => session.listRuns({ ...at, signal })),
  unchecked('getRun', (session, { signal }) => session.getRun('first', { ...at, signal })),
  unchecked('getLog', (session, { signal }) => session.getLog('first', { ...at, signal })),
  unchecked('getLineage', (session, { signal }) => session.getLineage(...artifact, 'V1', { ...at, signal })),
  unchecked('getVersionHistory', (session, { signal }) =>
    session.getVersionHistory(...artifact, 'V1', { ...at, signal }),
  ),
  unchecked('getAliasHistory', (session, { signal }) =>
    session.getAliasHistory(...artifact, 'best', { ...at, signal }),
  ),
  unchecked('getVersion of latest', (session, { signal }) =>
    session.getVersion(...artifact, 'latest', { ...at, signal }),
  ),
  asset('getVersion by digest', async (session, { pinned, signal }) => {
    const { digest, name, type } = await session.getVersion(...artifact, pinned, { ...at, signal })
    return { digest, name, type }
  }),
]

/** What a push brought to the honest server. */
async function pushed(
  scene: Scene,
  push: (from: Session, to: Session, name: string) => Promise<{ tag: string }>,
) {
  const [from, to] = [await open(scene), await open(scene, scene.goodHost)]
  const name = `copy-${crypto.randomUUID()}`
  const { tag } = await push(from, to, name)
  return contentOf(await to.getArtifact(name, 'dataset', tag, at), scene)
}

const onward: Call[] = [
  {
    name: 'push by digest',
    isPinned: true,
    run: (scene) =>
      pushed(scene, (from, to, name) =>
        from.push(`dataset/sample:${scene.pinned}`, { ...at, to, into: { name }, signal: scene.signal }),
      ),
  },
  {
    name: 'pushAll',
    isPinned: false,
    run: (scene) =>
      pushed(scene, async (from, to, name) => {
        const results = await from.pushAll('dataset/sample', {
          ...at,
          to,
          into: { name },
          signal: scene.signal,
        })
        return results.at(-1) ?? { tag: 'none' }
      }),
  },
  {
    name: 'uploadArtifact of a version that was changed',
    isPinned: true,
    async prepare(scene) {
      const { digest } = await get(scene, 'V1', 'base')
      return { digest }
    },
    async run(scene, { digest }) {
      const session = await open(scene)
      const base = await session.getArtifact('base', 'dataset', String(digest), {
        ...at,
        signal: scene.signal,
      })
      await base.add(new TextEncoder().encode('new'), { name: 'new.txt' })
      return (await session.uploadArtifact(base, { ...at, signal: scene.signal })).digest
    },
  },
  {
    name: 'uploadArtifact that merges',
    isPinned: false,
    async run(scene) {
      const session = await open(scene)
      const base = await session.getArtifact('base', 'dataset', 'V1', { ...at, signal: scene.signal })
      await base.add(new TextEncoder().encode('mine'), { name: 'mine.txt' })
      const options = { ...at, onConflict: 'merge', signal: scene.signal } as const
      return (await session.uploadArtifact(base, options)).digest
    },
  },
  {
    name: 'entry.bytes of a reference',
    isPinned: true,
    asksElsewhere: true,
    prepare: async (scene) => ({ artifact: await get(scene, 'V1', 'referring') }),
    run: async (scene, ready) => contentOf(artifactIn(ready), scene),
  },
  {
    name: 'addReference without a digest',
    isPinned: false,
    asksElsewhere: true,
    async run({ elsewhere, signal }) {
      const draft = new Artifact('draft', 'dataset')
      await draft.addReference(elsewhere, { signal })
      return listOf(draft)
    },
  },
]

/** Every call of the SDK that reads what a server says. */
export const calls: readonly Call[] = [...contents, ...assets, ...lists, ...onward]
