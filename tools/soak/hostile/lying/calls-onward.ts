import { Artifact, type Session } from '@trackway/sdk'
import { artifactIn, at, get, listOf, openSession, type Call, type Scene } from './call.ts'
import { contentOf } from './read-back.ts'

/** What a push stored on the honest server. */
async function pushed(
  scene: Scene,
  push: (from: Session, to: Session, name: string) => Promise<{ tag: string }>,
) {
  const [from, to] = [await openSession(scene), await openSession(scene, scene.goodHost)]
  const name = `copy-${crypto.randomUUID()}`
  const { tag } = await push(from, to, name)
  return contentOf(await to.getArtifact(name, 'dataset', tag, at), scene)
}

/** Calls that store what was read, or read it elsewhere. */
export const callsOnward: readonly Call[] = [
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
      const session = await openSession(scene)
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
      const session = await openSession(scene)
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
