import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { installInto } from './packed.ts'
import type { Part } from './part.ts'

/** The packages that a user installs, with the limits of dependencies and of megabytes on disk. */
const sets: Record<string, { packages: readonly string[]; most: { packages: number; megabytes: number } }> = {
  'sdk with a server elsewhere': { packages: ['protocol', 'sdk'], most: { packages: 52, megabytes: 13 } },
  'sdk with a store of its own': {
    packages: ['protocol', 'sdk', 'server'],
    most: { packages: 88, megabytes: 26 },
  },
  command: { packages: ['protocol', 'sdk', 'server', 'cli'], most: { packages: 90, megabytes: 27 } },
  'mock server': { packages: ['protocol', 'server', 'mock-server'], most: { packages: 95, megabytes: 37 } },
}

/** Licenses that let anyone use, change and redistribute the code. */
const permissive = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
])

/** Counts the dependencies that are installed with the packages. */
export const installs: Part = ({ tarballs, work }) =>
  Object.fromEntries(
    Object.entries(sets).map(([name, { packages, most }]) => [
      name,
      async () => {
        const folder = join(work, 'installs', packages.join('-'))
        await installInto(
          folder,
          packages.map((each) => tarballs[each] ?? ''),
        )
        const { installed, megabytes } = await count(join(folder, 'node_modules'))
        const others = installed.filter(({ license }) => !isPermissive(license))
        if (others.length > 0)
          throw new Error(
            `Not permissive: ${others.map((each) => `${each.name} (${each.license})`).join(', ')}`,
          )
        if (installed.length > most.packages || megabytes > most.megabytes)
          throw new Error(
            `${installed.length} packages, ${megabytes.toFixed(1)} MB; at most ${most.packages} and ${most.megabytes} MB`,
          )
        const licenses = [...new Set(installed.map(({ license }) => license))].sort().join(', ')
        return `${installed.length} packages, ${megabytes.toFixed(1)} MB, ${licenses}`
      },
    ]),
  )

/** Of a choice such as `(MIT OR CC0-1.0)`, one permissive license is enough. */
function isPermissive(license: string): boolean {
  return license
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((each) => permissive.has(each))
}

async function count(folder: string) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  let bytes = 0
  const installed: { name: string; license: string }[] = []
  for (const file of files) {
    if (!file.isFile()) continue
    const path = join(file.parentPath, file.name)
    bytes += (await stat(path)).size
    if (!/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)) continue
    // npm's.
    const { name, license } = JSON.parse(await readFile(path, 'utf8')) as { name: string; license?: string }
    installed.push({ name, license: license ?? 'none' })
  }
  return { installed, megabytes: bytes / 1e6 }
}
