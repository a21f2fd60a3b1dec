import { readFile } from 'node:fs/promises'

/**
 * The mount points of this machine, with the kind of their file system, such as `exfat`. Empty except on
 * Linux.
 */
export async function mountedFolders(): Promise<Map<string, string>> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  const folders = new Map<string, string>()
  for (const line of text.split('\n')) {
    // proc(5): the fifth field is the mount point, with octal escapes; the kind follows a lone hyphen.
    const [, place, kind] = /^(?:\S+ ){4}(\S+) .*? - (\S+) /.exec(line) ?? []
    if (place !== undefined && kind !== undefined) folders.set(withoutEscapes(place), kind)
  }
  return folders
}

function withoutEscapes(location: string): string {
  return location.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
}
