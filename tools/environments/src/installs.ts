import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { installInto } from './packed.ts'
import type { Part } from './part.ts'

/** What a user installs, and how much that may be: packages, and megabytes on disk. */
const sets: Record<string, { packages: readonly string[]; most: { packages: number; megabytes: number } }> = {
  'sdk with a server elsewhere': { packages: ['protocol', 'sdk'], most: { packages: 52, megabytes: 13 } },
  'sdk with a store of its own': {
    packages: ['protocol', 'sdk', 'server'],
    most: { packages: 88, megabytes: 26 },
  },
  command: { packages: ['protocol', 'sdk', 'server', 'cli'], most: { packages: 90, megabytes: 27 } },
  'mock server': { packages: ['protocol', 'server', 'mock-server'], most: { packages: 95, megabytes: 37 } },
}

/** Licences that let everybody use, change and pass on. */
const permissive = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
])

/** Counts what is installed beside the packages. */
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
        const others = installed.filter(({ licence }) => !isPermissive(licence))
        if (others.length > 0)
          throw new Error(
            `Not permissive: ${others.map((each) => `${each.name} (${each.licence})`).join(', ')}`,
          )
        if (installed.length > most.packages || megabytes > most.megabytes)
          throw new Error(
            `${installed.length} packages, ${megabytes.toFixed(1)} MB; at most ${most.packages} and ${most.megabytes} MB`,
          )
        const licences = [...new Set(installed.map(({ licence }) => licence))].sort().join(', ')
        return `${installed.length} packages, ${megabytes.toFixed(1)} MB, ${licences}`
      },
    ]),
  )

/** Of a choice, such as `(MIT OR CC0-1.0)`, one will do. */
function isPermissive(licence: string): boolean {
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((each) => permissive.has(each))
}

async function count(folder: string) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  let bytes = 0
  const installed: { name: string; licence: string }[] = []
  for (const file of files) {
    if (!file.isFile()) continue
    const path = join(file.parentPath, file.name)
    bytes += (await stat(path)).size
    if (!/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)) continue
    const { name, license } = JSON.parse(await readFile(path, 'utf8')) as { name: string; license?: string } // npm's.
    installed.push({ name, licence: license ?? 'none' })
  }
  return { installed, megabytes: bytes / 1e6 }
}
