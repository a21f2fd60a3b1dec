import ignore, { type Ignore } from 'ignore'

/** The ignore files of one folder, as text. */
export interface IgnoreFiles {
  /** Its `.gitignore`. */
  git?: string | undefined
  /** Its `.trackwayignore`. */
  own?: string | undefined
}

/** What leaves files out of an added folder, in the syntax and with the precedence of gitignore. */
export interface IgnoreRules {
  /** Whether a path below the added folder is left out; a folder's path ends with a slash. */
  ignores(path: string): boolean
  /** Whether a pattern such as `!.git` brings a path in by its name. */
  wants(path: string, name: string): boolean
  /** The same rules and those of the ignore files of a folder below (`''`: the added folder itself). */
  within(folder: string, files: IgnoreFiles): IgnoreRules
}

/** Patterns by where they come from: later ones have the last word. */
interface Patterns {
  git: readonly string[]
  own: readonly string[]
  call: readonly string[]
}

/**
 * Rules from patterns that were passed to the call, which come last, so that they have the last word. Case counts on
 * every system, so that the same folder gives the same version everywhere, and so does no Unicode form.
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
 * Lines end as on any system, also where several wrote the file. The first of two carriage returns before a line feed
 * is part of the pattern: `Icon\r`.
 */
function patternsOf(folder: string, text = ''): string[] {
  const lines = text.split(text.includes('\n') ? /\r?\n|\r(?=[^\r\n])|\r$/ : '\r')
  return lines.flatMap((line) => moveBelow(folder, normalized(line)))
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
