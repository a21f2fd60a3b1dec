import { distance } from 'fastest-levenshtein'

/** The name that somebody probably meant, if one is near. */
export function nearestName(wanted: string, names: readonly string[]): string | undefined {
  const word = wanted.toLowerCase()
  const allowed = Math.max(2, Math.floor(word.length / 3))
  const [nearest] = names
    .map((name) => ({ name, edits: distance(word, name.toLowerCase()) }))
    .filter(({ edits }) => edits <= allowed)
    .sort((a, b) => a.edits - b.edits)
  return nearest?.name
}
