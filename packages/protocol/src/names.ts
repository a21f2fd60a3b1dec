import * as z from 'zod/mini'
import { demandText } from './demand-text.ts'
import { TrackwayError } from './errors.ts'

/** What can have a plain name. */
export type NameKind = 'team' | 'experiment' | 'run' | 'type' | 'alias' | 'user'

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
// Names become folders, including on Windows, where these are devices, whatever their extension.
const windowsDevice = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i
// A name becomes one segment of a key, in which a slash takes three bytes, and a file name, which has at most
// 255.
const maxArtifactName = 200

function segmentProblem(name: string): string | undefined {
  if (!segment.test(name)) {
    return 'it must begin with a letter or digit, followed by at most 127 letters, digits, dots, underscores or hyphens'
  }
  if (windowsDevice.test(name)) return 'Windows reserves this name for a device'
  if (name.endsWith('.')) return 'it must not end with a dot'
  return undefined
}

/** Why a text is not allowed as an alias: it must not look like a tag, `latest` or a download. */
function aliasProblem(name: string): string | undefined {
  if (/^v\d+$/i.test(name)) return 'it looks like a tag'
  if (/^latest$/i.test(name)) return 'latest always means the newest version'
  if (/\.tar$/i.test(name)) return 'it looks like an archive'
  return segmentProblem(name)
}

/** Why a text is not allowed as a name of this kind; undefined if it is allowed. */
export function nameProblem(kind: NameKind, name: string): string | undefined {
  return kind === 'alias' ? aliasProblem(name) : segmentProblem(name)
}

/** Why a text is not allowed as an artifact's name, which may have several segments joined by `/`. */
export function artifactNameProblem(name: string): string | undefined {
  if (name.replaceAll('/', '%2F').length > maxArtifactName) {
    return `it is longer than ${maxArtifactName} characters, of which a slash counts for three`
  }
  for (const part of name.split('/')) {
    const problem = segmentProblem(part)
    if (problem) return name.includes('/') ? `its part '${part}' is invalid: ${problem}` : problem
  }
  return undefined
}

/** Checks a name and returns it unchanged. Throws `name_invalid`. */
export function parseName(kind: NameKind, name: string): string {
  const problem = nameProblem(
    kind,
    demandText(name, `The name of ${article(kind)}`, 'sample', 'name_invalid'),
  )
  if (problem) throw new TrackwayError('name_invalid', `'${name}' cannot name ${article(kind)}: ${problem}`)
  return name
}

/** Checks an artifact's name and returns it unchanged. Throws `name_invalid`. */
export function parseArtifactName(name: string): string {
  const problem = artifactNameProblem(demandText(name, 'The name of an artifact', 'sample', 'name_invalid'))
  if (problem) throw new TrackwayError('name_invalid', `'${name}' cannot name an artifact: ${problem}`)
  return name
}

function article(kind: NameKind): string {
  return kind === 'alias' || kind === 'experiment' ? `an ${kind}` : `a ${kind}`
}

/** A name for comparison: names that differ only in case are the same name. */
export function foldName(name: string): string {
  return name.toLowerCase()
}

function namedSchema(problemOf: (name: string) => string | undefined) {
  return z.string().check(
    z.superRefine((name, context) => {
      const problem = problemOf(name)
      if (problem) context.addIssue({ code: 'custom', message: `'${name}' is not allowed: ${problem}` })
    }),
  )
}

// The patterns are for the machine-readable description; the rule itself is a little stricter.
const several = `${segment.source.slice(0, -1)}(/${segment.source.slice(1, -1)})*$`

/** A team's, experiment's, run's or type's name in JSON. */
export const nameSchema = namedSchema(segmentProblem).register(z.globalRegistry, { pattern: segment.source })
/** An alias in JSON. */
export const aliasNameSchema = namedSchema(aliasProblem).register(z.globalRegistry, {
  pattern: segment.source,
})
/** An artifact's name in JSON. */
export const artifactNameSchema = namedSchema(artifactNameProblem).register(z.globalRegistry, {
  pattern: several,
  maxLength: 200,
})
