import { comparePaths, type Digest } from '@trackway/protocol'
import { foldersOf } from './draft.ts'

/** What two entries of one path are compared by. */
export interface Mergeable {
  path: string
  digest: Digest
  executable: boolean
  /** The address of a reference, which may change while its bytes stay the same. */
  reference?: string | undefined
}

export interface MergeResult<Item> {
  /** The merged entries of both sides, by path. */
  merged: Map<string, Item>
  /**
   * Paths that the sides changed differently, and those that are a file on one side and a folder on the
   * other.
   */
  conflicts: string[]
}

/**
 * A three-way merge: a change that only one side made since the base is taken from that side; a change that
 * both made alike is taken once.
 */
export function mergeEntries<Item extends Mergeable>(
  base: Iterable<Mergeable>,
  ours: Iterable<Item>,
  theirs: Iterable<Item>,
): MergeResult<Item> {
  const before = byPath(base)
  const left = byPath(ours)
  const right = byPath(theirs)
  const merged = new Map<string, Item>()
  const conflicts = new Set<string>()
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const our = left.get(path)
    const their = right.get(path)
    const old = before.get(path)
    const conflict = !isSame(our, their) && !isSame(our, old) && !isSame(their, old)
    if (conflict) conflicts.add(path)
    // Where they differ in a conflict, the one that is there keeps its place, so that clashes below
    // it are seen too.
    const chosen = conflict ? (our ?? their) : isSame(our, old) ? their : our
    if (chosen !== undefined) merged.set(path, chosen)
  }
  for (const path of merged.keys()) {
    const file = foldersOf(path).find((folder) => merged.has(folder))
    if (file !== undefined) conflicts.add(file).add(path)
  }
  return { merged, conflicts: [...conflicts].sort(comparePaths) }
}

function byPath<Item extends Mergeable>(items: Iterable<Item>): Map<string, Item> {
  const map = new Map<string, Item>()
  for (const item of items) map.set(item.path, item)
  return map
}

function isSame(a: Mergeable | undefined, b: Mergeable | undefined): boolean {
  return a?.digest === b?.digest && a?.executable === b?.executable && a?.reference === b?.reference
}
