import { always, never, removed, type Change } from './change.ts'

/** A mistake that somebody could make, and the campaign that has to notice it. */
export interface PlantedBug {
  name: string
  /** The rules that it breaks, as the comments `// Rule: …` in the sources state them, and how. */
  breaks: Readonly<Record<string, Change>>
  caughtBy: string
  /** How many of its cases that may take. */
  cases: number
  /** The first of them. Default: 1. */
  seed?: number
  /** Whether the short form of a case notices it. */
  isQuick?: true
  /** Whether it shows over an S3 store alone. */
  overS3?: true
}

export const bugs: readonly PlantedBug[] = [
  {
    name: 'no flush of an object before it gets its name',
    breaks: {
      'an object is flushed before it gets its name': removed,
    },
    caughtBy: 'power-loss',
    cases: 200,
  },
  {
    name: 'no flush of the folder in which an object got its name',
    breaks: {
      'a name is durable once its folder was flushed': removed,
    },
    caughtBy: 'power-loss',
    cases: 200,
  },
  {
    name: 'a new folder is not flushed in its parent',
    breaks: {
      'a new folder is durable once its parent was flushed': removed,
    },
    caughtBy: 'power-loss',
    cases: 200,
  },
  {
    name: 'an object is found that another process has not flushed yet',
    breaks: {
      'an object that another process stored is flushed before anyone relies on it': always,
    },
    caughtBy: 'power-loss',
    cases: 500,
  },
  {
    name: 'an object gets its name before it has its bytes',
    breaks: {
      'only a complete object gets its name': ({
        code,
      }) => `const early = await writeTemporary(fileSystem, { path, root, attempt: tryTo }, new Uint8Array())
        await publish(fileSystem, early.path, path)
        await fileSystem.unlink(path)
        ${code}`,
    },
    caughtBy: 'power-loss',
    cases: 500,
  },
  {
    name: 'a version is made before its blobs are there',
    breaks: {
      'a version is created only after its blobs are stored': always,
    },
    caughtBy: 'random-faults',
    cases: 300,
  },
  {
    name: 'bytes are stored without being hashed',
    breaks: {
      'bytes are stored only under their own digest': never,
    },
    caughtBy: 'isolation',
    cases: 300,
  },
  {
    name: 'a key of one team opens every other',
    breaks: {
      'a key works only in the teams that it names, unless it names all': ({ code }) =>
        `${code} ?? Object.values(caller.roles)[0]`,
    },
    caughtBy: 'isolation',
    cases: 20,
  },
  {
    name: 'teams share their blobs',
    breaks: {
      'each team has its own blobs': () =>
        "blob: (_team: string, digest: Digest) => `${teamFolder('ours')}b/${shard(digest)}`",
    },
    caughtBy: 'hostile',
    cases: 1,
  },
  {
    name: 'a route returns a status that its description lacks',
    breaks: {
      'a route returns only statuses that its description has': () => 'if (created) return json(run, 202)',
    },
    caughtBy: 'hostile',
    cases: 1,
  },
  {
    name: 'a sweep does not mark again after its marker',
    breaks: {
      'a sweep marks again after its marker is stored, and keeps what is needed by then': () =>
        'const again = sweep.marked',
    },
    caughtBy: 'sweeps',
    cases: 500,
  },
  {
    name: 'a sweep takes a manifest that was gone for one that it has read',
    breaks: {
      'a manifest that was missing is read again': () => 'read: new Set(before?.manifests)',
    },
    caughtBy: 'interleavings',
    cases: 4,
  },
  {
    name: 'a sweep puts no marker',
    breaks: {
      'a writer waits while a sweep may delete what it needs': always,
    },
    caughtBy: 'sweeps',
    cases: 500,
  },
  {
    name: 'a manifest is stored without a reservation that counts',
    breaks: {
      'what a writer has reserved is needed': () =>
        'const reserved: Awaited<ReturnType<typeof readReserved>> = []',
    },
    caughtBy: 'sweeps',
    cases: 500,
  },
  {
    name: 'the marker goes although a deletion failed',
    breaks: {
      'the marker stays if a deletion failed, since it may still happen': () =>
        'if (failed !== undefined) break',
    },
    caughtBy: 'sweeps',
    cases: 1000,
  },
  {
    name: 'a key that was taken is reported as one’s own',
    breaks: {
      "a version is the writer's own only if it has the writer's commit id": always,
    },
    caughtBy: 'tags',
    cases: 100,
  },
  {
    name: 'an object of a bucket is stored without a condition',
    breaks: {
      'an object is put only if its key is free': removed,
    },
    caughtBy: 'tags',
    cases: 6,
    overS3: true,
  },
  {
    name: 'a repeated commit is not recognized',
    breaks: {
      'a repeated commit returns the version that it created': removed,
      "a version is the writer's own only if it has the writer's commit id": removed,
      'a twin has the same content, and the requested tag': always,
    },
    caughtBy: 'tags',
    cases: 100,
  },
  {
    name: 'content that somebody made meanwhile is made once more',
    breaks: {
      'content that another writer committed meanwhile is not committed twice': removed,
    },
    caughtBy: 'tags',
    cases: 100,
  },
  {
    name: 'a deletion removes the record and its tombstone, so that the tag is given again',
    breaks: {
      'a deletion removes nothing, so that no tag is given twice': ({
        code,
      }) => `await store.delete(layout.record(scope, number))
        await store.delete(layout.tombstone(scope, number))
        ${code}`,
    },
    caughtBy: 'random-faults',
    cases: 500,
  },
  {
    name: 'a listing that fails is an empty one',
    breaks: {
      'a listing that fails is not an empty one': ({ code }) =>
        `${code}.catch(() => ({ objects: [], prefixes: [], next: undefined }))`,
    },
    caughtBy: 'random-faults',
    cases: 3000,
  },
  {
    name: 'a deleted version is taken for swept at once',
    breaks: {
      'a deleted version keeps its data for a week': () => 'return isDeleted(sequence)',
    },
    caughtBy: 'random-faults',
    cases: 3000,
  },
  {
    name: 'young blobs are swept',
    breaks: {
      'nothing younger than a week is swept': removed,
      'a sweep marks again after its marker is stored, and keeps what is needed by then': () =>
        'const again = sweep.marked',
    },
    caughtBy: 'sweeps',
    cases: 200,
  },
  {
    name: 'a version is restored without a look for its data',
    breaks: {
      'a version is restored only if its data is stored': () =>
        'if (reserved === undefined) return (await putRestoration(context, deletion, last.sequence + 1), record)',
    },
    caughtBy: 'random-faults',
    cases: 500,
  },
  {
    name: 'a client takes bytes for right whose number is',
    breaks: {
      'a client uses bytes only if they have their digest': always,
    },
    caughtBy: 'corruption',
    cases: 60,
  },
  {
    name: 'a record is taken for that of whichever version is asked for',
    breaks: {
      'a record counts only under its own key': always,
    },
    caughtBy: 'corruption',
    cases: 100,
  },
  {
    name: 'a server hands out damaged bytes as the whole',
    breaks: {
      'the server returns stored bytes only if they have their digest': always,
    },
    caughtBy: 'hostile',
    seed: 5, // The part with flipped bytes.
    cases: 1,
  },
  {
    name: 'a client does not hold a manifest to the digest of its version',
    breaks: {
      "a version's entries have the digest of its record": never,
    },
    caughtBy: 'hostile',
    seed: 6, // The lying server.
    cases: 1,
    isQuick: true,
  },
  {
    name: 'a client sends a request again under another commit',
    breaks: {
      'every attempt sends the same body, so that the server recognizes a repeated commit':
        () => `const makeBody = () => ({
        body: json.replace(/"commitId":"[^"]*"/, '"commitId":"' + crypto.randomUUID() + '"'),
        headers: { 'content-type': 'application/json' },
      })`,
    },
    caughtBy: 'clients',
    cases: 300,
  },
]
