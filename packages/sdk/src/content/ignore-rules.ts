import ignore, { type Ignore } from 'ignore'

/** What leaves files out of an added folder, in the syntax and with the precedence of gitignore. */
export interface IgnoreRules {
  /** Whether a path below the added folder is left out; a folder's path ends with a slash. */
  ignores(path: string): boolean
  /** The same rules and those of an ignore file that lies in a folder below (`''`: the added folder itself). */
  within(folder: string, text: string): IgnoreRules
}

/**
 * Rules from patterns that were given to the call, which come last, so that they have the last word. Case counts on
 * every system, so that the same folder gives the same version everywhere.
 */
export function createIgnoreRules(patterns: readonly string[] = []): IgnoreRules {
  return rulesOf([], patterns)
}

function rulesOf(filePatterns: readonly string[], callPatterns: readonly string[]): IgnoreRules {
  const matcher: Ignore = ignore({ ignorecase: false }).add([...filePatterns, ...callPatterns])
  const idle = filePatterns.length + callPatterns.length === 0
  return {
    ignores: (path) => !idle && matcher.ignores(path),
    within: (folder, text) => {
      const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
      return rulesOf([...filePatterns, ...lines.flatMap((line) => moveBelow(folder, line))], callPatterns)
    },
  }
}

/**
 * A pattern of a folder's ignore file as one of the added folder. One matcher then holds all rules in git's order: the
 * last one that fits decides, and those of deeper files come later.
 */
function moveBelow(folder: string, line: string): string[] {
  if (line.trim() === '' || line.startsWith('#')) return []
  if (folder === '') return [line]
  const negated = line.startsWith('!')
  const pattern = negated ? line.slice(1) : line
  // A slash at the end says that folders are meant; any other one binds the pattern to the folder of its file.
  const bound = /\/(?!\s*$)/.test(pattern)
  const place = `/${escapePattern(folder)}/${bound ? '' : '**/'}`
  return [`${negated ? '!' : ''}${place}${pattern.replace(/^\//, '').replace(/^\\([!#])/, '$1')}`]
}

function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]!# ]/g, '\\$&')
}
