import type { Spec } from '@trackway/sdk'

/** A spec of a whole version or artifact. Throws `revision_invalid`, also where it names a file. */
export async function parseVersionSpec(text: string): Promise<Spec & { revision: string }> {
  const { parseSpec, TrackwayError } = await import('@trackway/sdk')
  const spec = parseSpec(text)
  if (spec.path === undefined) return { revision: 'latest', ...spec }
  throw new TrackwayError('revision_invalid', `'${text}' names a file; name the version alone`)
}

/** A spec whose version is named by its tag, so that it cannot become another one meanwhile. */
export async function parseTaggedSpec(text: string, attempted: string): Promise<Spec & { revision: string }> {
  const { parseSpec, TrackwayError } = await import('@trackway/sdk')
  const { type, name, revision, path } = parseSpec(text)
  if (path === undefined && revision !== undefined && /^V\d+$/i.test(revision))
    return { type, name, revision }
  throw new TrackwayError(
    'revision_invalid',
    `${attempted} takes one version, by its tag, such as ${type}/${name}:V2; '${text}' names none`,
  )
}
