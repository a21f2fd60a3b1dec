import { readFileSync } from 'node:fs'

/** A code block of a page. */
export interface CodeBlock {
  /** The path of the page in the repository. */
  page: string
  /** The line number of the block's first line of code, from 1. */
  line: number
  /** The language after the fence, or empty. */
  language: string
  code: string
  /** The comment right before the block: `<!-- given: … -->` or `<!-- continues -->`. */
  given: { line: number; code: string } | 'continues' | undefined
}

const fence = /^( *)(`{3,}|~{3,})([^\s`]*)/

/** The fenced blocks of a page, in order. */
export function codeBlocksOf(page: string): CodeBlock[] {
  const lines = readFileSync(page, 'utf8').split('\n')
  const blocks: CodeBlock[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const [opening, indent = '', marks = '', language = ''] = fence.exec(lines[index] ?? '') ?? []
    if (opening === undefined) continue
    const begin = index + 1
    const length = lines.slice(begin).findIndex((line) => line.trim() === marks)
    if (length === -1) throw new Error(`${page}:${begin}: this block is not closed`)
    const code = lines.slice(begin, begin + length).map((line) => line.replace(indent, ''))
    const given = commentBefore(lines, index)
    blocks.push({ page, line: begin + 1, language: language.toLowerCase(), code: code.join('\n'), given })
    index = begin + length
  }
  return blocks
}

/** The comment that ends on the line before the fence, or before one empty line. */
function commentBefore(lines: readonly string[], index: number): CodeBlock['given'] {
  const end = lines[index - 1]?.trim() === '' ? index - 2 : index - 1
  if (!lines[end]?.trimEnd().endsWith('-->')) return undefined
  let begin = end
  while (begin > 0 && !lines[begin]?.includes('<!--')) begin -= 1
  const text = lines.slice(begin, end + 1).join('\n')
  if (/^\s*<!--\s*continues\s*-->\s*$/.test(text)) return 'continues'
  const code = /^\s*<!--\s*given:([\s\S]*)-->\s*$/.exec(text)?.[1]
  return code === undefined ? undefined : { line: begin + 1, code }
}
