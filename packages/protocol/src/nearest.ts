import { distance } from 'fastest-levenshtein'
import { hintOfNames, type Hint } from './hint.ts'

/** Steps for one hint, of a few nanoseconds each: a few milliseconds in total, whatever the names. */
const mostSteps = 1_000_000

/** Suggests the names that were probably meant; undefined if none is similar. */
export function nearestHint(wanted: string, existing: Iterable<string>): Hint | undefined {
  return hintOfNames(nearestNames(wanted, existing))
}

/** Up to three names that are similar to the wanted one, the nearest first, among those compared in time. */
export function nearestNames(wanted: string, existing: Iterable<string>): string[] {
  const allowed = Math.max(2, Math.floor(wanted.length / 3))
  const lower = wanted.toLowerCase()
  const near: { name: string; rank: number }[] = []
  let steps = 0
  for (const name of existing) {
    const { rank, cost } = compare(lower, name.toLowerCase(), allowed)
    if (rank <= allowed) near.push({ name, rank })
    steps += cost
    if (steps > mostSteps) break
  }
  return near
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name)
}

/**
 * The distance of a name from the wanted one, and the cost of computing it. A name that contains it is near.
 */
function compare(wanted: string, name: string, allowed: number): { rank: number; cost: number } {
  const cost = wanted.length + name.length
  const more = Math.abs(wanted.length - name.length)
  if (name.includes(wanted)) return { rank: Math.min(more, allowed), cost }
  if (more > allowed) return { rank: Infinity, cost }
  // Paths have most of their characters in common, and their common beginning and end cost nothing more.
  const shorter = Math.min(wanted.length, name.length)
  let begin = 0
  while (begin < shorter && wanted[begin] === name[begin]) begin += 1
  let end = 0
  while (end < shorter - begin && wanted.at(-1 - end) === name.at(-1 - end)) end += 1
  const a = wanted.slice(begin, wanted.length - end)
  const b = name.slice(begin, name.length - end)
  const product = Math.ceil(a.length / 32) * b.length
  if (product > mostSteps / 50) return { rank: Infinity, cost }
  return { rank: distance(a, b), cost: cost + 4 * product }
}
