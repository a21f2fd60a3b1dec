import { readFile } from 'node:fs/promises'
import { sha256 } from '@trackway/protocol'
import type { Session } from '@trackway/sdk'
import { asset, at, openSession, unchecked, type Call, type Scene } from './call.ts'
import { filesBelow } from './read-back.ts'

async function fetchFile(session: Session, scene: Scene, revision: string, verify = false) {
  const spec = `dataset/sample:${revision}`
  return filesBelow(await session.fetchAsset(spec, { ...at, verify, signal: scene.signal }))
}

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
        const session = await openSession(scene)
        await fetchFile(session, scene, kind === 'digest' ? scene.pinned : 'latest')
        return { session }
      },
      run: async (scene) =>
        fetchFile(await openSession(scene), scene, kind === 'digest' ? scene.pinned : 'latest'),
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

/** Assets, and what a session lists. */
export const callsOfSessions: readonly Call[] = [...assets, ...lists]
