const shown = 3

/**
 * Up to three paths that may have been meant: another case, the same name elsewhere, a file of a folder, a
 * similar spelling. Cheaper than the nearest names, since paths are many and long, and pages
 * load this at once.
 */
export function nearestPaths(path: string, paths: Iterable<string>): string[] {
  const wanted = path.toLowerCase().replace(/\/$/, '')
  const name = wanted.slice(wanted.lastIndexOf('/') + 1)
  const found: { path: string; distance: number }[] = []
  for (const candidate of paths) {
    const distance = distanceOf({ wanted, name }, candidate.toLowerCase())
    if (distance !== undefined) found.push({ path: candidate, distance })
  }
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, shown)
    .map((each) => each.path)
}

function distanceOf(
  { wanted, name }: { wanted: string; name: string },
  candidate: string,
): number | undefined {
  if (candidate === wanted) return 0
  if (candidate.endsWith(`/${name}`) || candidate.startsWith(`${wanted}/`)) return 1
  // A typo of a few letters leaves most of a path's beginning and end unchanged.
  const longest = Math.max(wanted.length, candidate.length)
  const changed = longest - commonStart(wanted, candidate) - commonEnd(wanted, candidate)
  return changed <= Math.max(2, longest * 0.3) ? 2 + changed : undefined
}

function commonStart(a: string, b: string): number {
  let count = 0
  while (count < a.length && a[count] === b[count]) count += 1
  return count
}

function commonEnd(a: string, b: string): number {
  let count = 0
  while (count < a.length && a.at(-1 - count) === b.at(-1 - count)) count += 1
  return count
}
