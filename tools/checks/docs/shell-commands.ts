/** A command of a shell block, as words. */
export interface ShellCommand {
  /** Counted from the block's first line, from 0. */
  line: number
  words: string[]
}

const placeholder = /<[\p{L}\d][^<>|&;]*>/gu
const token = /\s+|#.*|\$\(|[|;&()]+|(?:[^\s|;&()'"$\\]|\$(?!\()|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/gy

/** The commands of a block, without here-documents (`<<END`) and variable assignments. */
export function shellCommandsOf(code: string): ShellCommand[] {
  const commands: ShellCommand[] = []
  const lines = code.split('\n')
  for (let index = 0; index < lines.length; index += 1) {
    const line = index
    let text = lines[index] ?? ''
    while (text.endsWith('\\')) text = text.slice(0, -1) + (lines[(index += 1)] ?? '')
    const end = /<<-?\s*['"]?(\w+)/.exec(text)?.[1]
    for (const words of commandsOfLine(text)) commands.push({ line, words })
    if (end !== undefined) while (index < lines.length && lines[index]?.trim() !== end) index += 1
  }
  return commands
}

function commandsOfLine(text: string): string[][] {
  const commands: string[][] = [[]]
  const shown = text.replace(/^\s*[$%] /, '').replaceAll(placeholder, 'placeholder')
  for (const [part] of shown.matchAll(token)) {
    if (part.startsWith('#')) break
    if (/^(\$\(|[|;&()]+)$/.test(part)) commands.push([])
    else if (part.trim() !== '') commands.at(-1)?.push(unquote(part))
    for (const [, within = ''] of part.matchAll(/\$\(([^()]*)\)/g))
      commands.unshift(...commandsOfLine(within))
  }
  return commands.map(withoutAssignments).filter((words) => words.length > 0)
}

function unquote(word: string): string {
  return word.replaceAll(/^['"]|['"]$/g, '')
}

function withoutAssignments(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^(\w+=.*|export|exec|time|env|sudo)$/s.test(word))
  return first === -1 ? [] : words.slice(first)
}
