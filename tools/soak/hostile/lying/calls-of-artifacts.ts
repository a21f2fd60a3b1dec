import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '@trackway/protocol'
import type { Artifact } from '@trackway/sdk'
import { breakOff } from './break-off.ts'
import { artifactIn, get, listOf, openSession, prepared, type Call, type Scene } from './call.ts'
import { contentOf, filesBelow, streamOf } from './read-back.ts'

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

/** Calls of an artifact, and how one is got. */
export const callsOfArtifacts: readonly Call[] = [
  { name: 'login', isPinned: false, run: async (scene) => (await openSession(scene)).team },
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
      return prepared.prepare(scene)
    },
    run: async ({ folder, signal }, ready) =>
      filesBelow(await artifactIn(ready).download(join(folder, 'target'), { overwrite: true, signal })),
  },
  {
    name: 'download that resumes',
    isPinned: true,
    async prepare(scene) {
      const ready = await prepared.prepare(scene)
      await breakOff(scene)
      return ready
    },
    run: async ({ folder, signal }, ready) =>
      filesBelow(await artifactIn(ready).download(join(folder, 'target'), { signal })),
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
