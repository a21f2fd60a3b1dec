import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The kind of file system that a path is on, such as `exfat`; undefined where the system does not say. */
export async function fileSystemNameOf(path: string): Promise<string | undefined> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  const names = new Map<string, string>()
  for (const line of mounts.split('\n')) {
    // proc(5): the fifth field is where it is mounted, with escapes in octal; the kind follows a lone hyphen.
    const [, place, name] = /^(?:\S+ ){4}(\S+) .*? - (\S+) /.exec(line) ?? []
    if (place !== undefined && name !== undefined) names.set(unescape(place), name)
  }
  for (let folder = path; ; folder = dirname(folder)) {
    const name = names.get(folder)
    if (name !== undefined || folder === dirname(folder)) return name
  }
}

function unescape(place: string): string {
  return place.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
}
