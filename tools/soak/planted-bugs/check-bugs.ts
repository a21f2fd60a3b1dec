import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runToEnd } from '../../processes/run.ts'
import type { PlantedBug } from './bugs.ts'
import { plant, type Sources } from './plant.ts'

/**
 * Makes sure that every bug can be planted and compiles: one that crashes would look like one that was found.
 * Each is compiled in a copy of the packages, beside the sources that it imports.
 */
export async function checkBugs(root: string, sources: Sources, bugs: readonly PlantedBug[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'trackway-planted-'))
  try {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const names = new Set([...sources.keys()].map((path) => path.split('/')[1] ?? ''))
    for (const name of names) await copyPackage(root, folder, name)
    const files = bugs.flatMap((bug, index) =>
      [...plant(sources, bug)].map(([path, source]) => ({
        path: path.replace(/\.ts$/, `.${index}.ts`),
        source,
      })),
    )
    for (const { path, source } of files) await writeFile(join(folder, path), source)
    const config = {
      extends: join(root, 'tsconfig.check.json'),
      include: [],
      files: files.map(({ path }) => path),
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const { code, output } = await runToEnd(['tsc', '--pretty', 'false'], { cwd: folder })
    if (code === 0) return
    const named = output.replaceAll(/^.*\.(\d+)\.ts(?=\()/gm, (_, index) => `'${bugs[Number(index)]?.name}'`)
    throw new Error(`Planted bugs do not compile:\n${named}`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function copyPackage(root: string, folder: string, name: string): Promise<void> {
  const [from, to] = [join(root, 'packages', name), join(folder, 'packages', name)]
  for (const part of ['src', 'package.json']) await cp(join(from, part), join(to, part), { recursive: true })
  await symlink(join(from, 'node_modules'), join(to, 'node_modules'))
}
