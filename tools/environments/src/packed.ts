import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../processes/run.ts'

/** The packages as they would be published, and a folder where they are installed. */
export interface Packed {
  /** Tarballs by the package's folder, such as `sdk`. */
  tarballs: Record<string, string>
  /** A project with all of them installed; tools are found in the folders above it. */
  project: string
  /** A folder for tests, below that of the tools. */
  work: string
  /** The environment for tests, with its own home folder. */
  env: Record<string, string>
}

const here = join(import.meta.dirname, '..')
const packages = join(here, '..', '..', 'packages')

/** Packs the built packages, and installs them as a user does. */
export async function pack(): Promise<Packed> {
  const work = join(here, '.work')
  await rm(work, { recursive: true, force: true })
  const packed = join(work, 'packed')
  await mkdir(packed, { recursive: true })
  const tarballs: Record<string, string> = {}
  for (const name of await readdir(packages)) {
    const before = new Set(await readdir(packed))
    const pnpm = process.env['npm_execpath'] ?? 'pnpm'
    await run([pnpm, 'pack', '--pack-destination', packed], { cwd: join(packages, name) })
    const tarball = (await readdir(packed)).find((file) => !before.has(file))
    if (tarball === undefined) throw new Error(`Packing ${name} did not create a tarball`)
    tarballs[name] = join(packed, tarball)
  }
  const project = join(work, 'project')
  await installInto(project, Object.values(tarballs))
  const home = join(work, 'home')
  await mkdir(home)
  return { tarballs, project, work, env: { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home } }
}

/** Installs tarballs into an empty folder, with npm and a user's Node. */
export async function installInto(folder: string, tarballs: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await run(['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs], { cwd: folder })
}

/** The path of a program from the tools' own packages. */
export function tool(path: string): string {
  return join(here, 'node_modules', path)
}

/** The path of a file in this folder. */
export function own(path: string): string {
  return join(here, path)
}
