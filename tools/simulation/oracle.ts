import {
  concatenateBytes,
  messageOf,
  sha256,
  TrackwayError,
  versionDigest,
  type Digest,
  type VersionRecord,
} from '@trackway/protocol'
import type { ArtifactScope, Engine } from '@trackway/server/internals'
import { manifestOf, type Files } from './engine-client.ts'

/** Records what a store was asked for and what it acknowledged, and verifies the store against that. */
export interface Oracle {
  /**
   * A writer is about to commit these files. The version may exist from now on, whole, and with no other
   * content.
   */
  attempt(scope: ArtifactScope, commitId: string, files: Files): void
  /**
   * The version was acknowledged: it must exist forever, unless it is deleted. `files`: what the writer who
   * got the acknowledgment had committed, so that the version must have exactly these, whichever client
   * created it.
   */
  acknowledge(scope: ArtifactScope, record: VersionRecord, files?: Files): void
  /** A client is about to delete or restore it: from now on it may be either. */
  attemptChange(scope: ArtifactScope, tag: string): void
  /** The change was acknowledged, and no other is under way. */
  acknowledgeChange(scope: ArtifactScope, tag: string, is: 'deleted' | 'there'): void
  /**
   * Reads back everything: each acknowledged version, byte for byte; and that there are no others, no
   * duplicates, none with the content of another one made since its base, and no gap in the tags. Throws an
   * error that lists every problem. Returns how many versions it read.
   */
  verify(engine: Engine): Promise<number>
}

interface Known {
  scope: ArtifactScope
  commits: Map<string, Digest>
  acknowledged: Map<string, string>
  state: Map<string, 'deleted' | 'there' | 'either'>
}

export function createOracle(): Oracle {
  const artifacts = new Map<string, Known>()

  function at(scope: ArtifactScope): Known {
    const name = [scope.team, scope.experiment, scope.type, scope.name].join('/').toLowerCase()
    const known = artifacts.get(name) ?? {
      scope,
      commits: new Map<string, Digest>(),
      acknowledged: new Map<string, string>(),
      state: new Map<string, 'deleted' | 'there' | 'either'>(),
    }
    artifacts.set(name, known)
    return known
  }

  return {
    attempt(scope, commitId, files) {
      at(scope).commits.set(commitId, versionDigest(manifestOf(files).entries))
    },
    acknowledge(scope, { tag, commitId, digest }, files) {
      const { acknowledged } = at(scope)
      if (files !== undefined && versionDigest(manifestOf(files).entries) !== digest)
        throw new Error(`${tag} was acknowledged to somebody who committed other files`)
      const before = acknowledged.get(tag)
      if (before !== undefined && before !== commitId)
        throw new Error(`${tag} was acknowledged for ${before} and for ${commitId}`)
      acknowledged.set(tag, commitId)
    },
    attemptChange: (scope, tag) => void at(scope).state.set(tag, 'either'),
    acknowledgeChange: (scope, tag, is) => void at(scope).state.set(tag, is),
    async verify(engine) {
      const problems: string[] = []
      let versions = 0
      for (const known of artifacts.values()) versions += await verifyArtifact(engine, known, problems)
      if (problems.length > 0) throw new Error(problems.join('\n'))
      return versions
    },
  }
}

async function verifyArtifact(engine: Engine, known: Known, problems: string[]): Promise<number> {
  const { scope, commits, acknowledged, state } = known
  const found = new Map<string, VersionRecord>()
  let versions = 0
  for (let number = 1; ; number += 1) {
    const tag = `V${number}`
    const expected = state.get(tag) ?? 'there'
    const record = await resolve(engine, scope, tag)
    if (record === undefined) break
    versions += 1
    if (record === 'deleted') {
      if (expected === 'there') problems.push(`${tag} is deleted, but no call deleted it`)
      continue
    }
    if (expected === 'deleted') problems.push(`${tag} exists, but was deleted`)
    const twin = [...found.values()].find(({ commitId }) => commitId === record.commitId)
    if (twin !== undefined) problems.push(`${twin.tag} and ${tag} have the same commit ${record.commitId}`)
    found.set(tag, record)
    const content = commits.get(record.commitId)
    if (content === undefined) problems.push(`${tag} is of a commit that nobody made: ${record.commitId}`)
    else if (content !== record.digest) problems.push(`${tag} has other content than was committed`)
    problems.push(...(await readBack(engine, scope.team, record)))
  }
  problems.push(...findTwins([...found.values()], state))
  for (const [tag, commitId] of acknowledged) {
    const record = found.get(tag)
    if (record === undefined && (state.get(tag) ?? 'there') === 'there')
      problems.push(`${tag} was acknowledged and is gone`)
    if (record !== undefined && record.commitId !== commitId)
      problems.push(`${tag} was acknowledged for another commit`)
  }
  for await (const { tag } of engine.versions.list(scope))
    if (numberOf(tag) > versions) problems.push(`${tag} exists, but there are gaps below it`)
  return versions
}

/**
 * Versions with the content of one that another writer made since their base, which every writer checks. A
 * version without a base is compared with the one before it. A version that was ever deleted may have been
 * gone at that time.
 */
function findTwins(records: readonly VersionRecord[], state: Known['state']): string[] {
  return records.flatMap((record) => {
    const number = numberOf(record.tag)
    const floor = record.base === null ? number - 2 : numberOf(record.base)
    const twin = records.find(({ tag, digest }) => {
      const isSince = numberOf(tag) > floor && numberOf(tag) < number
      return isSince && digest === record.digest && !state.has(tag)
    })
    return twin === undefined ? [] : [`${record.tag} has the content of ${twin.tag}, made since its base`]
  })
}

function numberOf(tag: string): number {
  return Number(tag.slice(1))
}

async function resolve(engine: Engine, scope: ArtifactScope, tag: string) {
  try {
    return await engine.versions.resolve(scope, tag)
  } catch (error) {
    if (TrackwayError.hasCode(error, 'version_deleted')) return 'deleted'
    if (TrackwayError.hasCode(error, 'not_found')) return undefined
    throw error
  }
}

/** Reads every byte of a version through its manifest; returns what is wrong. */
async function readBack(
  engine: Engine,
  team: string,
  { tag, digest, manifest }: VersionRecord,
): Promise<string[]> {
  try {
    const { blobs, entries } = await engine.manifests.read(team, manifest.digest)
    const problems: string[] = []
    if (versionDigest(entries) !== digest) problems.push(`${tag} has another manifest than its digest says`)
    for (const entry of entries) {
      const pieces: Uint8Array[] = []
      for (const [index, offset, length] of entry.parts ?? []) {
        const blob = blobs[index]
        if (blob === undefined) continue
        const { body } = await engine.blobs.get(team, blob.digest, { start: offset, end: offset + length })
        for await (const piece of body) pieces.push(piece)
      }
      if (sha256(concatenateBytes(pieces)) !== entry.digest)
        problems.push(`${tag} ${entry.path} reads back as other bytes`)
    }
    return problems
  } catch (error) {
    return [`${tag} cannot be read: ${messageOf(error)}`]
  }
}
