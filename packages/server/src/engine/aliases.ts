import {
  aliasMoveSchema,
  foldName,
  tagNumber,
  TrackwayError,
  type Alias,
  type AliasMove,
  type Tag,
} from '@trackway/protocol'
import pLimit from 'p-limit'
import { layout, numberOfKey, type ArtifactScope } from '../layout.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { createDocumentCache } from './document-cache.ts'
import { putDocument, readDocument } from './documents.ts'
import { listObjects } from './listing.ts'
import { isVersionDeleted } from './version-records.ts'
import { timeOf, type ClockAndIds } from './clock-and-ids.ts'

const shownMoves = 100
const concurrentReads = 32

/** Movable names of versions: each is a sequence of moves, of which the newest counts. */
export interface Aliases {
  /** The target of an alias; null: none. */
  current(scope: ArtifactScope, alias: string): Promise<Tag | null>
  /**
   * Every alias that has a target. With `skipsDamaged`, unreadable aliases are left out, for answers in which
   * aliases are secondary, and earlier reads are reused; without, they are an error.
   */
  all(scope: ArtifactScope, options?: { skipsDamaged?: boolean }): Promise<Record<string, Tag>>
  /** The target of an alias, and its last hundred moves, the newest first. */
  history(scope: ArtifactScope, alias: string): Promise<Alias>
  /**
   * Moves an alias, or removes it if the tag is null. Throws `alias_moved` if it does not point at the
   * expected target; an alias that points at the wanted tag already is left alone.
   */
  move(scope: ArtifactScope, alias: string, move: AliasRequest): Promise<Alias>
}

export interface AliasRequest {
  tag: Tag | null
  /** The expected current target; undefined: any. */
  expected?: Tag | null | undefined
  user: string
}

export function createAliases(store: ObjectStore, clockAndIds: ClockAndIds): Aliases {
  const readCached = createDocumentCache<AliasMove>(clockAndIds)

  async function newest(scope: ArtifactScope, alias: string) {
    const page = await store.list({ prefix: layout.aliasMoves(scope, alias), limit: 1 })
    const key = page.objects[0]?.key
    if (key === undefined) return { sequence: 0, move: undefined }
    return { sequence: numberOfKey(key), move: await readMove(key) }
  }

  async function readMove(key: string): Promise<AliasMove> {
    const move = await readDocument(store, key, aliasMoveSchema)
    if (move !== undefined && key.split('/').at(-2) === foldName(move.alias)) return move
    throw new TrackwayError(
      'integrity_error',
      `The stored document ${key} is missing, or belongs to another alias`,
      {
        details: { key },
      },
    )
  }

  async function history(scope: ArtifactScope, alias: string): Promise<Alias> {
    const moves: AliasMove[] = []
    for await (const { key } of listObjects(store, {
      prefix: layout.aliasMoves(scope, alias),
      limit: shownMoves,
    })) {
      moves.push(await readMove(key))
      if (moves.length === shownMoves) break
    }
    return { tag: moves[0]?.tag ?? null, history: moves }
  }

  const isGone = (scope: ArtifactScope, tag: Tag) => isVersionDeleted(store, scope, tagNumber(tag) ?? 0)

  /** The counterpart of deleting versions: an alias must not stay on a version that was deleted meanwhile. */
  async function takeBackIfDeleted(
    scope: ArtifactScope,
    before: AliasMove,
    made: { tag: Tag | null; sequence: number },
  ): Promise<void> {
    if (made.tag === null || !(await isGone(scope, made.tag))) return
    await putDocument(store, layout.aliasMove(scope, before.alias, made.sequence), before)
    // Its earlier target may have been deleted while it pointed elsewhere.
    if (before.tag !== null && (await isGone(scope, before.tag))) {
      const nowhere = { ...before, tag: null }
      await putDocument(store, layout.aliasMove(scope, before.alias, made.sequence + 1), nowhere)
    }
    throw new TrackwayError(
      'version_deleted',
      `The alias '${before.alias}' was not moved: ${made.tag} was deleted meanwhile`,
      { details: { tag: made.tag } },
    )
  }

  return {
    history,
    async current(scope, alias) {
      return (await newest(scope, alias)).move?.tag ?? null
    },
    async all(scope, { skipsDamaged = false } = {}) {
      const limit = pLimit(concurrentReads)
      const reads: Promise<AliasMove | undefined>[] = []
      const read = async (info: ObjectInfo) => {
        if (!skipsDamaged) return readMove(info.key)
        return readCached(info, () => readMove(info.key)).catch(unlessDamaged)
      }
      for await (const info of listNewestMoves(store, layout.aliases(scope)))
        reads.push(limit(() => read(info)))
      const found: Record<string, Tag> = Object.create(null)
      for (const move of await Promise.all(reads)) if (move?.tag) found[move.alias] = move.tag
      return found
    },
    async move(scope, alias, { tag, expected, user }) {
      for (;;) {
        const { sequence, move } = await newest(scope, alias)
        const current = move?.tag ?? null
        if (current === tag) return history(scope, alias)
        if (expected !== undefined && expected !== current) throw moved(alias, expected, current)
        const next: AliasMove = {
          formatVersion: 1,
          alias,
          tag,
          movedAt: timeOf(clockAndIds),
          movedBy: user,
        }
        if (!(await putDocument(store, layout.aliasMove(scope, alias, sequence + 1), next))) continue
        await takeBackIfDeleted(scope, { ...next, tag: current }, { tag, sequence: sequence + 2 })
        return history(scope, alias)
      }
    },
  }
}

/** The newest move of each alias: the first that a listing returns of its folder. */
async function* listNewestMoves(store: ObjectStore, prefix: string): AsyncGenerator<ObjectInfo> {
  let folder = ''
  for (let after: string | undefined; ; ) {
    const page = await store.list({ prefix, ...(after !== undefined && { after }) })
    for (const info of page.objects) {
      if (folder !== '' && info.key.startsWith(folder)) continue
      folder = info.key.slice(0, info.key.lastIndexOf('/') + 1)
      yield info
    }
    if (page.next === undefined) return
    // Skips older moves of the last one: '0' is the character after the slash.
    after = folder === '' ? page.next : `${folder.slice(0, -1)}0`
  }
}

function unlessDamaged(error: unknown): undefined {
  if (!TrackwayError.hasCode(error, 'integrity_error')) throw error
}

function moved(alias: string, expected: Tag | null, current: Tag | null): TrackwayError {
  const where = (tag: Tag | null) => (tag === null ? 'nowhere' : `at ${tag}`)
  return new TrackwayError(
    'alias_moved',
    `The alias '${alias}' points ${where(current)}, not ${where(expected)}`,
    {
      details: { alias, expected, current },
    },
  )
}
