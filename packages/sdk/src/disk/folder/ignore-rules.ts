import ignore, { type Ignore } from 'ignore'

/** The ignore files of one folder, as text. */
export interface IgnoreFiles {
  /** Its `.gitignore`. */
  git?: string | undefined
  /** Its `.trackwayignore`. */
  own?: string | undefined
}

/**
 * Decides which files of an added folder are excluded, in the syntax and with the precedence of gitignore.
 */
export interface IgnoreRules {
  /** Whether a path below the added folder is excluded; a folder's path ends with a slash. */
  ignores(path: string): boolean
  /** Whether a pattern such as `!.git` includes a path by its name. */
  wants(path: string, name: string): boolean
  /** The same rules and those of the ignore files of a folder below (`''`: the added folder itself). */
  within(folder: string, files: IgnoreFiles): IgnoreRules
}

/** Patterns by where they come from: later ones have precedence. */
interface Patterns {
  git: readonly string[]
  own: readonly string[]
  call: readonly string[]
}

/**
 * Rules from patterns that were passed to the call, which come last and have precedence. Matching is
 * case-sensitive on every system and independent of the Unicode form, so that the same folder gives the same
 * version everywhere.
 */
export function createIgnoreRules(patterns: string | readonly string[] = []): IgnoreRules {
  return rulesOf({ git: [], own: [], call: [patterns].flat().map(normalized) })
}

function rulesOf(patterns: Patterns): IgnoreRules {
  const all = [...patterns.git, ...patterns.own, ...patterns.call]
  const matcher: Ignore = ignore({ ignorecase: false }).add(all)
  return {
    ignores: (path) => all.length > 0 && matcher.ignores(path),
    wants: (path, name) =>
      all.some((pattern) => pattern.startsWith('!') && pattern.includes(name)) &&
      matcher.test(path).unignored,
    within: (folder, { git, own }) =>
      rulesOf({
        git: [...patterns.git, ...patternsOf(folder, git)],
        own: [...patterns.own, ...patternsOf(folder, own)],
        call: patterns.call,
      }),
  }
}

function normalized(pattern: string): string {
  return pattern.normalize('NFC')
}

/**
 * Splits lines with the line endings of any system, even in one file. The first of two carriage returns
 * before a line feed is part of the pattern: `Icon\r`.
 */
function patternsOf(folder: string, text = ''): string[] {
  const lines = text.split(text.includes('\n') ? /\r?\n|\r(?=[^\r\n])|\r$/ : '\r')
  return lines.flatMap((line) => moveBelow(folder, normalized(line)))
}

/**
 * A pattern of a folder's ignore file as a pattern of the added folder. One matcher then holds all rules in
 * git's order: the last one that matches decides, and those of deeper files come later.
 */
function moveBelow(folder: string, line: string): string[] {
  if (line.trim() === '' || line.startsWith('#')) return []
  if (folder === '') return [line]
  const negated = line.startsWith('!')
  const pattern = negated ? line.slice(1) : line
  // A trailing slash means folders only; any other slash anchors the pattern to the folder of its file.
  const bound = /\/(?!\s*$)/.test(pattern)
  const location = `/${escapePattern(folder)}/${bound ? '' : '**/'}`
  return [`${negated ? '!' : ''}${location}${pattern.replace(/^\//, '').replace(/^\\([!#])/, '$1')}`]
}

function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]!# ]/g, '\\$&')
}
