/** Which paths a target cannot hold, and why. `caseSensitive` and `windows` describe the target. */
export function unsupportedNames(
  paths: readonly string[],
  target: { caseSensitive: boolean; windows: boolean },
): { path: string; reason: string }[] {
  const found: { path: string; reason: string }[] = []
  const taken = new Map<string, string>()
  for (const path of paths) if (!target.caseSensitive) taken.set(fold(path), taken.get(fold(path)) ?? path)
  for (const path of paths) {
    const twin = target.caseSensitive ? undefined : findTwin(path, taken)
    const windows = target.windows ? windowsProblem(path) : undefined
    if (twin !== undefined) found.push({ path, reason: `differs from ${twin} only in case` })
    else if (windows !== undefined) found.push({ path, reason: windows })
  }
  return found
}

function fold(path: string): string {
  return path.toUpperCase().toLowerCase()
}

/** Another path that would be the same file, or that would have to be a folder and a file. */
function findTwin(path: string, taken: Map<string, string>): string | undefined {
  const same = taken.get(fold(path))
  if (same !== undefined && same !== path) return same
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const file = taken.get(fold(path.slice(0, slash)))
    if (file !== undefined) return file
  }
  return undefined
}

const device = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

function windowsProblem(path: string): string | undefined {
  for (const segment of path.split('/')) {
    if (/[<>:"|?*]/.test(segment)) return 'has a character that Windows does not allow in names'
    if (/[. ]$/.test(segment)) return 'has a name that ends with a dot or a space'
    if (device.test(segment)) return 'has a name that Windows reserves for a device'
  }
  return undefined
}
