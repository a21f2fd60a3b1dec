/** A mistake that somebody could make, and the campaign that has to notice it. */
export interface PlantedBug {
  name: string
  /** The file below `packages/`, a text that occurs in it once, and its replacement. */
  changes: { file: string; find: string; replace: string }[]
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
    changes: [
      { file: 'server/src/node/directory/temporary-file.ts', find: '      await file.sync()\n', replace: '' },
    ],
    caughtBy: 'power-loss',
    cases: 200,
  },
  {
    name: 'no flush of the folder in which an object got its name',
    changes: [
      {
        file: 'server/src/node/directory/durability.ts',
        find: 'await Promise.all([flush(dirname(path)), ',
        replace: 'await Promise.all([',
      },
    ],
    caughtBy: 'power-loss',
    cases: 200,
  },
  {
    name: 'a new folder is not flushed in its parent',
    changes: [
      {
        file: 'server/src/node/directory/durability.ts',
        find: '...found.map((folder) => flush(dirname(folder)))',
        replace: '',
      },
    ],
    caughtBy: 'power-loss',
    cases: 200,
  },
  {
    name: 'an object is found that another process has not flushed yet',
    changes: [
      {
        file: 'server/src/node/directory/durability.ts',
        find: 'if (Date.now() - stats.ctimeMs > recentMs ||',
        replace: 'if (Date.now() - stats.ctimeMs >= 0 ||',
      },
    ],
    caughtBy: 'power-loss',
    cases: 500,
  },
  {
    name: 'an object gets its name before it has its bytes',
    changes: [
      {
        file: 'server/src/node/directory-store.ts',
        find: 'const temporary = await writeTemporary(fileSystem, { path, root, attempt: tryTo }, body)\n  return',
        replace:
          'const early = await writeTemporary(fileSystem, { path, root, attempt: tryTo }, new Uint8Array())\n  await publish(fileSystem, early.path, path)\n  await fileSystem.unlink(path)\n  const temporary = await writeTemporary(fileSystem, { path, root, attempt: tryTo }, body)\n  return',
      },
    ],
    caughtBy: 'power-loss',
    cases: 500,
  },
  {
    name: 'a version is made before its blobs are there',
    changes: [
      {
        file: 'server/src/engine/create-version.ts',
        find: 'if (missing.length === 0) return answer',
        replace: 'return answer',
      },
    ],
    caughtBy: 'random-faults',
    cases: 300,
  },
  {
    name: 'bytes are stored without being hashed',
    changes: [
      {
        file: 'server/src/engine/blobs.ts',
        find: 'if ((await digestOf(pieces)) !== digest) {',
        replace: 'if (false) {',
      },
    ],
    caughtBy: 'isolation',
    cases: 300,
  },
  {
    name: 'a key of one team opens every other',
    changes: [
      {
        file: 'server/src/auth/caller.ts',
        find: 'roleIn(caller, foldName(team)) ??',
        replace: 'roleIn(caller, foldName(team)) ?? Object.values(caller.roles)[0] ??',
      },
    ],
    caughtBy: 'isolation',
    cases: 20,
  },
  {
    name: 'teams share their blobs',
    changes: [
      {
        file: 'server/src/layout.ts',
        find: 'blob: (team: string, digest: Digest) => `${teamFolder(team)}b/',
        replace: "blob: (team: string, digest: Digest) => `${teamFolder(team && 'ours')}b/",
      },
    ],
    caughtBy: 'hostile',
    cases: 1,
  },
  {
    name: 'a route returns a status that its description lacks',
    changes: [
      {
        file: 'server/src/http/handlers/runs.ts',
        find: 'return json(run, 201)',
        replace: 'return json(run, 202)',
      },
    ],
    caughtBy: 'hostile',
    cases: 1,
  },
  {
    name: 'a sweep does not mark again after its marker',
    changes: [
      {
        file: 'server/src/engine/sweep/sweep.ts',
        find: 'const again = await mark(context, team, { before: sweep.marked })',
        replace: 'const again = sweep.marked',
      },
    ],
    caughtBy: 'sweeps',
    cases: 500,
  },
  {
    name: 'a sweep takes a manifest that was gone for one that it has read',
    changes: [
      {
        file: 'server/src/engine/sweep/mark.ts',
        find: 'read: new Set(before?.read)',
        replace: 'read: new Set(before?.manifests)',
      },
    ],
    caughtBy: 'interleavings',
    cases: 4,
  },
  {
    name: 'a sweep puts no marker',
    changes: [
      {
        file: 'server/src/engine/sweep-marker.ts',
        find: '  const wanted = [...(interest.blobs',
        replace: '  if (team !== "") return false\n  const wanted = [...(interest.blobs',
      },
    ],
    caughtBy: 'sweeps',
    cases: 500,
  },
  {
    name: 'a manifest is stored without a reservation that counts',
    changes: [
      {
        file: 'server/src/engine/sweep/mark.ts',
        find: 'const reserved = await readReserved(store, team)',
        replace: 'const reserved = (await readReserved(store, team)).slice(0, 0)',
      },
    ],
    caughtBy: 'sweeps',
    cases: 500,
  },
  {
    name: 'the marker goes although a deletion failed',
    changes: [
      {
        file: 'server/src/engine/sweep/sweep.ts',
        find: '    if (failed !== undefined) throw failed.reason\n',
        replace: '    if (failed !== undefined) break\n',
      },
    ],
    caughtBy: 'sweeps',
    cases: 1000,
  },
  {
    name: 'a key that was taken is reported as one’s own',
    changes: [
      {
        file: 'server/src/engine/create-version.ts',
        find: 'if (record.commitId === content.request.commitId) return record',
        replace: 'return record',
      },
    ],
    caughtBy: 'tags',
    cases: 100,
  },
  {
    name: 'an object of a bucket is stored without a condition',
    changes: [
      {
        file: 'server/src/node/s3/put-object.ts',
        find: "...(ifAbsent && { IfNoneMatch: '*' }),",
        replace: '',
      },
    ],
    caughtBy: 'tags',
    cases: 6,
    overS3: true,
  },
  {
    name: 'a repeated commit is not recognized',
    changes: [
      {
        file: 'server/src/engine/create-version.ts',
        find: 'if (before.replay !== undefined) return repeat(context, before.replay, request)',
        replace: '',
      },
      {
        file: 'server/src/engine/create-version.ts',
        find: 'if (record.commitId === content.request.commitId) return record',
        replace: '',
      },
      {
        file: 'server/src/engine/made-before.ts',
        find: 'if (record.digest !== digest || ',
        replace: 'if (true || record.digest !== digest || ',
      },
    ],
    caughtBy: 'tags',
    cases: 100,
  },
  {
    name: 'content that somebody made meanwhile is made once more',
    changes: [
      {
        file: 'server/src/engine/create-version.ts',
        find: 'if (await isTwin(context, record, content)) return record\n',
        replace: '',
      },
    ],
    caughtBy: 'tags',
    cases: 100,
  },
  {
    name: 'a deletion removes the record and its tombstone, so that the tag is given again',
    changes: [
      {
        file: 'server/src/engine/delete-version.ts',
        find: '    return tombstone\n  }',
        replace:
          '    await store.delete(layout.record(place, number))\n    await store.delete(layout.tombstone(place, number))\n    return tombstone\n  }',
      },
    ],
    caughtBy: 'random-faults',
    cases: 500,
  },
  {
    name: 'a listing that fails is an empty one',
    changes: [
      {
        file: 'server/src/engine/listing.ts',
        find: 'const page = await store.list({ ...options, ...(after !== undefined && { after }) })',
        replace:
          'const page = await store.list({ ...options, ...(after !== undefined && { after }) }).catch(() => ({ objects: [], prefixes: [], next: undefined }))',
      },
    ],
    caughtBy: 'random-faults',
    cases: 3000,
  },
  {
    name: 'a deleted version is taken for swept at once',
    changes: [
      {
        file: 'server/src/engine/sweep/mark.ts',
        find: 'return isDeleted(sequence) && ageMs >= graceMs',
        replace: 'return isDeleted(sequence)',
      },
    ],
    caughtBy: 'random-faults',
    cases: 3000,
  },
  {
    name: 'young blobs are swept',
    changes: [
      {
        file: 'server/src/engine/sweep/sweep.ts',
        find: '|| ageMs < graceMs) continue',
        replace: ') continue',
      },
      {
        file: 'server/src/engine/sweep/sweep.ts',
        find: 'const again = await mark(context, team, { before: sweep.marked })',
        replace: 'const again = sweep.marked',
      },
    ],
    caughtBy: 'sweeps',
    cases: 200,
  },
  {
    name: 'a version is restored without a look for its data',
    changes: [
      {
        file: 'server/src/engine/delete-version.ts',
        find: 'if (reserved === undefined) throw swept(deletion)',
        replace:
          'if (reserved === undefined) return (await putRestoration(context, deletion, last.sequence + 1), record)',
      },
    ],
    caughtBy: 'random-faults',
    cases: 500,
  },
  {
    name: 'a client takes bytes for right whose number is',
    changes: [
      {
        file: 'sdk/src/read/read-slices.ts',
        find: '  if (actual === expected) return\n',
        replace: '  if (actual !== "") return\n',
      },
    ],
    caughtBy: 'corruption',
    cases: 60,
  },
  {
    name: 'a record is taken for that of whichever version is asked for',
    changes: [
      {
        file: 'server/src/engine/version-records.ts',
        find: 'if (belongs === key) return record',
        replace: 'if (belongs !== "") return record',
      },
    ],
    caughtBy: 'corruption',
    cases: 100,
  },
  {
    name: 'a server hands out damaged bytes as the whole',
    changes: [
      {
        file: 'server/src/engine/checked-bytes.ts',
        find: '  if (actual === digest) return\n',
        replace: '  if (actual !== "") return\n',
      },
    ],
    caughtBy: 'hostile',
    seed: 5, // The part with flipped bytes.
    cases: 1,
  },
  {
    name: 'a client does not hold a manifest to the digest of its version',
    changes: [
      {
        file: 'sdk/src/version/check-entries.ts',
        find: 'if (actual !== record.digest) {',
        replace: "if (actual === '') {",
      },
    ],
    caughtBy: 'hostile',
    seed: 6, // The lying server.
    cases: 1,
    isQuick: true,
  },
  {
    name: 'a client sends a request again under another commit',
    changes: [
      {
        file: 'sdk/src/client/connect.ts',
        find: 'body: json, headers',
        replace: 'body: json.replace(/"commitId":"[^"]*"/, `"commitId":"${crypto.randomUUID()}"`), headers',
      },
    ],
    caughtBy: 'clients',
    cases: 300,
  },
]

export function findBug(name: string): PlantedBug {
  const found = bugs.find((bug) => bug.name === name)
  if (found !== undefined) return found
  throw new Error(`There is no bug '${name}'`)
}
