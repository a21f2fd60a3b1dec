import {
  aliasMoveSchema,
  foldName,
  tagNumber,
  TrackwayError,
  type Alias,
  type AliasMove,
  type Tag,
} from '@trackway/protocol'
import { layout, nameOfKey, numberOfKey, type ArtifactPlace } from '../layout.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { putDocument, readDocument } from './documents.ts'
import { listFolders, listObjects } from './listing.ts'
import { isVersionDeleted } from './version-records.ts'
import { timeOf, type Surroundings } from './surroundings.ts'

const shownMoves = 100

/** Movable names of versions: each is a sequence of moves of which the newest holds. */
export interface Aliases {
  /** Where an alias points; null: nowhere. */
  current(place: ArtifactPlace, alias: string): Promise<Tag | null>
  /**
   * Every alias that points somewhere. With `skipsDamaged` one that cannot be read is left out, for answers in which
   * aliases are but company; without, it is an error.
   */
  all(place: ArtifactPlace, options?: { skipsDamaged?: boolean }): Promise<Record<string, Tag>>
  /** Where an alias points, and its last hundred moves, the newest first. */
  history(place: ArtifactPlace, alias: string): Promise<Alias>
  /**
   * Moves an alias, or removes it with the tag null. Throws `alias_moved` where it does not point where it was
   * expected to; one that points at the wanted tag already is left alone.
   */
  move(place: ArtifactPlace, alias: string, move: AliasRequest): Promise<Alias>
}

export interface AliasRequest {
  tag: Tag | null
  /** Where the alias has to point now; undefined: wherever. */
  expected?: Tag | null | undefined
  user: string
}

export function createAliases(store: ObjectStore, surroundings: Surroundings): Aliases {
  async function newest(place: ArtifactPlace, alias: string) {
    const page = await store.list({ prefix: layout.aliasMoves(place, alias), limit: 1 })
    const key = page.objects[0]?.key
    if (key === undefined) return { sequence: 0, move: undefined }
    return { sequence: numberOfKey(key), move: await readMove(key) }
  }

  async function readMove(key: string): Promise<AliasMove> {
    const move = await readDocument(store, key, aliasMoveSchema)
    if (move !== undefined && key.split('/').at(-2) === foldName(move.alias)) return move
    throw new TrackwayError('integrity_error', `The stored document ${key} is gone, or another alias's`, {
      details: { key },
    })
  }

  async function history(place: ArtifactPlace, alias: string): Promise<Alias> {
    const moves: AliasMove[] = []
    for await (const { key } of listObjects(store, {
      prefix: layout.aliasMoves(place, alias),
      limit: shownMoves,
    })) {
      moves.push(await readMove(key))
      if (moves.length === shownMoves) break
    }
    return { tag: moves[0]?.tag ?? null, history: moves }
  }

  const isGone = (place: ArtifactPlace, tag: Tag) => isVersionDeleted(store, place, tagNumber(tag) ?? 0)

  /** The other half of how versions are deleted: no alias is left on one that was deleted meanwhile. */
  async function takeBackIfDeleted(
    place: ArtifactPlace,
    before: AliasMove,
    made: { tag: Tag | null; sequence: number },
  ): Promise<void> {
    if (made.tag === null || !(await isGone(place, made.tag))) return
    await putDocument(store, layout.aliasMove(place, before.alias, made.sequence), before)
    // Where it pointed before may have been deleted while it pointed elsewhere.
    if (before.tag !== null && (await isGone(place, before.tag))) {
      const nowhere = { ...before, tag: null }
      await putDocument(store, layout.aliasMove(place, before.alias, made.sequence + 1), nowhere)
    }
    throw new TrackwayError(
      'version_deleted',
      `The alias '${before.alias}' stays where it is: ${made.tag} was deleted meanwhile`,
      { details: { tag: made.tag } },
    )
  }

  return {
    history,
    async current(place, alias) {
      return (await newest(place, alias)).move?.tag ?? null
    },
    async all(place, { skipsDamaged = false } = {}) {
      const found: Record<string, Tag> = Object.create(null)
      for await (const folder of listFolders(store, { prefix: layout.aliases(place) })) {
        const { move } = await newest(place, nameOfKey(folder)).catch((error: unknown) => {
          const isDamaged = TrackwayError.isInstance(error) && error.code === 'integrity_error'
          if (skipsDamaged && isDamaged) return { move: undefined }
          throw error
        })
        if (move?.tag) found[move.alias] = move.tag
      }
      return found
    },
    async move(place, alias, { tag, expected, user }) {
      for (;;) {
        const { sequence, move } = await newest(place, alias)
        const current = move?.tag ?? null
        if (current === tag) return history(place, alias)
        if (expected !== undefined && expected !== current) throw moved(alias, expected, current)
        const next: AliasMove = {
          formatVersion: 1,
          alias,
          tag,
          movedAt: timeOf(surroundings),
          movedBy: user,
        }
        if (!(await putDocument(store, layout.aliasMove(place, alias, sequence + 1), next))) continue
        await takeBackIfDeleted(place, { ...next, tag: current }, { tag, sequence: sequence + 2 })
        return history(place, alias)
      }
    },
  }
}

function moved(alias: string, expected: Tag | null, current: Tag | null): TrackwayError {
  const where = (tag: Tag | null) => (tag === null ? 'nowhere' : `at ${tag}`)
  return new TrackwayError(
    'alias_moved',
    `The alias '${alias}' points ${where(current)} and not ${where(expected)}`,
    {
      details: { alias, expected, current },
    },
  )
}
