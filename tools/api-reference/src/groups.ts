import { readFileSync } from 'node:fs'
import { CommentTag, type DeclarationReflection } from 'typedoc'

/** The names that a file exports under one comment. */
interface Group {
  title: string
  names: string[]
}

/** The groups of a file of exports. Each begins with a comment; up to `.` or `:`, that is its title. */
export function groupsOf(file: string): Group[] {
  const groups: Group[] = []
  for (const paragraph of readFileSync(file, 'utf8').split('\n\n')) {
    const [, title] = /^\/\/ ([^.:\n]+)/.exec(paragraph) ?? []
    if (title !== undefined || groups.length === 0) groups.push({ title: title ?? 'Exports', names: [] })
    groups.at(-1)?.names.push(...namesIn(paragraph))
  }
  return groups
}

function namesIn(source: string): string[] {
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(','),
  )
  return lists.map((name) => name.trim().replace(/^type /, '')).filter((name) => name !== '')
}

/** Groups and orders the exports of a module as its file does. */
export function groupMembers(module: DeclarationReflection, groups: readonly Group[]): void {
  const order = groups.flatMap(({ names }) => names)
  module.children?.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  for (const member of module.children ?? []) {
    const group = groups.find(({ names }) => names.includes(member.name))
    if (group === undefined)
      throw new Error(`${module.name} exports ${member.name} outside of any list of names`)
    for (const each of member.signatures ?? [member]) {
      each.comment?.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: group.title }]))
    }
  }
}
