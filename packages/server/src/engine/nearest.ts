import { distance } from 'fastest-levenshtein'

/** The end of a sentence that names what was probably meant; empty where nothing is near. */
export function nearestHint(wanted: string, existing: readonly string[]): string {
  const near = nearestNames(wanted, existing)
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`
}

/** Up to three names that are like the wanted one, the nearest first. */
function nearestNames(wanted: string, existing: readonly string[]): string[] {
  const allowed = Math.max(2, Math.floor(wanted.length / 3))
  const rank = (name: string) => distance(wanted.toLowerCase(), name.toLowerCase())
  return existing
    .map((name) => ({ name, rank: rank(name) }))
    .filter(({ name, rank: edits }) => edits <= allowed || name.toLowerCase().includes(wanted.toLowerCase()))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, 3)
    .map(({ name }) => name)
}
