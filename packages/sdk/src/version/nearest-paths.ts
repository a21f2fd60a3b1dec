const shown = 3

/**
 * A few paths that may have been meant: the same name elsewhere, another case, a folder, a similar spelling.
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
  // A typo of a few letters leaves most of a name's beginning and end unchanged.
  const same = commonStart(wanted, candidate) + commonEnd(wanted, candidate)
  const longest = Math.max(wanted.length, candidate.length)
  return same >= longest * 0.7 ? 2 + longest - same : undefined
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
