import type { Spec } from '@trackway/sdk'

/** A spec of a whole version or artifact. Throws `reference_invalid`, also where it names a file. */
export async function parseVersionSpec(text: string): Promise<Spec & { reference: string }> {
  const { parseSpec, TrackwayError } = await import('@trackway/sdk')
  const spec = parseSpec(text)
  if (spec.path === undefined) return { reference: 'latest', ...spec }
  throw new TrackwayError('reference_invalid', `'${text}' names a file; name the version alone`)
}

/** A spec whose version is named by its tag, so that it cannot become another one meanwhile. */
export async function parseTaggedSpec(
  text: string,
  attempted: string,
): Promise<Spec & { reference: string }> {
  const { parseSpec, TrackwayError } = await import('@trackway/sdk')
  const { type, name, reference, path } = parseSpec(text)
  if (path === undefined && reference !== undefined && /^V\d+$/i.test(reference))
    return { type, name, reference }
  throw new TrackwayError(
    'reference_invalid',
    `${attempted} takes one version, by its tag, such as ${type}/${name}:V2; '${text}' names none`,
  )
}
