import type { Spec } from '@trackway/sdk'

/** Parses a spec of a version or artifact. Throws `revision_invalid` if it is invalid or names a file. */
export async function parseVersionSpec(text: string): Promise<Spec & { revision: string }> {
  const { parseSpec, TrackwayError } = await import('@trackway/sdk')
  const spec = parseSpec(text)
  if (spec.path === undefined) return { revision: 'latest', ...spec }
  throw new TrackwayError('revision_invalid', `'${text}' names a file; name only the version`)
}

/** Parses a spec that names a version by its tag, so that it cannot mean another version later. */
export async function parseTaggedSpec(text: string, attempted: string): Promise<Spec & { revision: string }> {
  const { parseSpec, TrackwayError } = await import('@trackway/sdk')
  const { type, name, revision, path } = parseSpec(text)
  if (path === undefined && revision !== undefined && /^V\d+$/i.test(revision))
    return { type, name, revision }
  throw new TrackwayError(
    'revision_invalid',
    `'${text}' does not name a version by its tag, which ${attempted} needs; write it as ${type}/${name}:V2`,
  )
}
