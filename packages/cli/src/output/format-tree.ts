import type { Terminal } from '../terminal/terminal.ts'
import { styled } from './style.ts'

/** A file in a tree, with a note that is shown after its name. */
interface Leaf {
  path: string
  note: string
}

interface Folder {
  folders: Map<string, Folder>
  files: { name: string; note: string }[]
}

/** Formats files as a tree. Folders keep the order of their files. */
export function formatTree(terminal: Terminal, leaves: readonly Leaf[]): string[] {
  const top: Folder = { folders: new Map(), files: [] }
  for (const { path, note } of leaves) {
    const names = path.split('/')
    const name = names.pop() ?? ''
    folderOf(top, names).files.push({ name, note })
  }
  return linesOf(terminal, top, '')
}

function folderOf(top: Folder, names: readonly string[]): Folder {
  let folder = top
  for (const name of names) {
    const inner = folder.folders.get(name) ?? { folders: new Map(), files: [] }
    folder.folders.set(name, inner)
    folder = inner
  }
  return folder
}

function linesOf(terminal: Terminal, { folders, files }: Folder, indent: string): string[] {
  const count = folders.size + files.length
  let index = 0
  const branch = () => {
    index += 1
    const isLast = index === count
    return { stem: indent + (isLast ? '└── ' : '├── '), below: indent + (isLast ? '    ' : '│   ') }
  }
  const lines: string[] = []
  for (const [name, folder] of folders) {
    const { stem, below } = branch()
    lines.push(`${stem}${styled(terminal, 'cyan', `${name}/`)}`, ...linesOf(terminal, folder, below))
  }
  for (const { name, note } of files) lines.push(`${branch().stem}${name}  ${styled(terminal, 'dim', note)}`)
  return lines
}
