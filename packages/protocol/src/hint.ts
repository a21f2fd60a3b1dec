/** Options that a hint may name. Each surface has its own name for them. */
export type HintedOption =
  | 'description'
  | 'exclude'
  | 'experiment'
  | 'host'
  | 'ignore'
  | 'into'
  | 'keep'
  | 'maxBytes'
  | 'metadata'
  | 'name'
  | 'overwrite'
  | 'tag'
  | 'to'

/**
 * A suggestion after an error, as data that each surface words in its own way: code, a command line, a page.
 */
export type Hint = OptionHint | OmitHint | NearestHint | PathHint | ApiKeyHint

/** Pass one of these options to the function. */
export interface OptionHint {
  /** The kind of hint. */
  kind: 'option'
  /** Their names. */
  options: readonly HintedOption[]
  /** The only value that helps, if there is just one. */
  value?: string | boolean
  /** An alternative, as a clause. */
  or?: string
}

/** Leave out this option, which cannot be combined with another. */
export interface OmitHint {
  /** The kind of hint. */
  kind: 'omit'
  /** Its name. */
  option: HintedOption
  /** What was passed. */
  value: string
}

/** One of these was probably meant. */
export interface NearestHint {
  /** The kind of hint. */
  kind: 'nearest'
  /** Up to three names, the nearest first. */
  names: readonly string[]
  /** The option to pass such a name in, unless it replaces the wrong one. */
  option?: HintedOption
}

/** Two things were added with one path. */
export interface PathHint {
  /** The kind of hint. */
  kind: 'path'
  /** The path of the entry. */
  path: string
}

/** An API key is missing. */
export interface ApiKeyHint {
  /** The kind of hint. */
  kind: 'apiKey'
}

/** A hint that one of these was meant, if there are any. */
export function hintOfNames(names: readonly string[]): Hint | undefined {
  return names.length === 0 ? undefined : { kind: 'nearest', names }
}

/** Writes an option, with or without a value, as a surface does. */
export type WriteOption = (name: HintedOption, value?: string | boolean) => string

/** A hint in words: by default those of code, in which an option is `{ overwrite: true }`. */
export function hintWords(hint: Hint, write: WriteOption = inCode): string {
  switch (hint.kind) {
    case 'nearest': {
      const { names, option } = hint
      return `did you mean ${anyOf(option === undefined ? names : names.map((name) => write(option, name)))}?`
    }
    case 'omit':
      return `leave out ${write(hint.option, hint.value)}`
    case 'path':
      return `add one of them under another { name }, or remove('${hint.path}') first`
    case 'apiKey':
      return 'pass { apiKey } to login, or set TRACKWAY_API_KEY'
    case 'option': {
      const { options, value, or } = hint
      return `${or === undefined ? '' : `${or}, or `}pass ${anyOf(options.map((name) => write(name, value)))}`
    }
  }
}

const anyOf = (words: readonly string[]) => words.join(' or ')

const inCode: WriteOption = (name, value) =>
  value === undefined
    ? `{ ${name} }`
    : `{ ${name}: ${typeof value === 'string' ? `'${value}'` : String(value)} }`
