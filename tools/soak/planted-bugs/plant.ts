import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import type { PlantedBug } from './bugs.ts'
import type { Change } from './change.ts'

/** Sources by their path below the root of the repository. */
export type Sources = ReadonlyMap<string, string>

/** Every source of the packages that states a rule. */
export async function readSources(root: string): Promise<Sources> {
  const sources = new Map<string, string>()
  for (const name of await readdir(join(root, 'packages'))) {
    const folder = join('packages', name, 'src')
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!file.endsWith('.ts')) continue
      const path = join(folder, file)
      const source = await readFile(join(root, path), 'utf8')
      if (source.includes('// Rule: ')) sources.set(path, source)
    }
  }
  return sources
}

/** The sources that a bug changes, as changed. Throws if a rule that it breaks is not stated exactly once. */
export function plant(sources: Sources, { name, breaks }: PlantedBug): Sources {
  const planted = new Map<string, string>()
  for (const [rule, change] of Object.entries(breaks)) {
    const comment = `// Rule: ${rule}.\n`
    const paths = [...sources].flatMap(([path, source]) =>
      source
        .split(comment)
        .slice(1)
        .map(() => path),
    )
    const [path] = paths
    if (path === undefined || paths.length > 1) {
      const where = paths.length === 0 ? 'no source has' : `more than one place has (${paths.join(', ')})`
      throw new Error(`The bug '${name}' cannot be planted: ${where} the comment '${comment.trim()}'`)
    }
    try {
      planted.set(path, changeBelow(planted.get(path) ?? sources.get(path) ?? '', comment, change))
    } catch (cause) {
      throw new Error(`The bug '${name}' cannot be planted at '${comment.trim()}' in ${path}`, { cause })
    }
  }
  return planted
}

function changeBelow(source: string, comment: string, change: Change): string {
  const from = source.indexOf(comment) + comment.length
  const begin = from + source.slice(from).search(/\S/)
  const node = outermostAt(parseAst(source, { lang: 'ts' }).body, begin)
  if (node === undefined) throw new Error('There is no statement, property or element below the comment')
  const { test } = node
  const replacement = change({
    code: source.slice(begin, node.end),
    condition: isNode(test) ? { start: test.start - begin, end: test.end - begin } : undefined,
  })
  // An element leaves no hole in its list.
  const end = replacement === '' && source[node.end] === ',' ? node.end + 1 : node.end
  return source.slice(0, begin) + replacement + source.slice(end)
}

interface Node {
  start: number
  end: number
  test?: unknown
}

/** The largest node that begins at a position. */
function outermostAt(tree: unknown, position: number): Node | undefined {
  if (typeof tree !== 'object' || tree === null) return undefined
  if (isNode(tree)) {
    if (tree.start === position) return tree
    if (tree.start > position || tree.end <= position) return undefined
  }
  for (const child of Object.values(tree)) {
    const found = outermostAt(child, position)
    if (found !== undefined) return found
  }
  return undefined
}

function isNode(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null) return false
  return (
    'start' in value && typeof value.start === 'number' && 'end' in value && typeof value.end === 'number'
  )
}
