// Checks that an import of the SDK reads the types of its public files alone: those that its index names.
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

const folder = 'packages/sdk/dist'
const index = join(folder, 'index.d.ts')

const named = new Set(await importsOf(index))
const reached = new Map<string, number>()
const internal: string[] = []
await visit(index)

for (const problem of internal) console.log(problem)
const bytes = [...reached.values()].reduce((sum, size) => sum + size, 0)
console.log(
  `An import of @trackway/sdk reads ${reached.size} of its declaration files, ${Math.round(bytes / 1000)} kB.`,
)
process.exitCode = internal.length === 0 ? 0 : 1

async function visit(file: string): Promise<void> {
  if (reached.has(file)) return
  reached.set(file, (await readFile(file)).length)
  for (const imported of await importsOf(file)) {
    if (!named.has(imported))
      internal.push(
        `${relative(folder, file)} needs ${relative(folder, imported)}, which is not public: mark what uses it as @internal`,
      )
    await visit(imported)
  }
}

/** The files of the package that a declaration file imports. */
async function importsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.(?:ts|js)['"]/g)].map(([, path]) =>
    join(dirname(file), `${path}.d.ts`),
  )
}
