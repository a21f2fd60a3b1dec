import type { Candidate } from './candidate.ts'
import { openForCompletion } from './open-for-completion.ts'

/** Artifacts, or after a colon the versions of one, for the options typed so far; none if unreadable. */
export async function findSpecs(current: string, values: Record<string, string>): Promise<Candidate[]> {
  try {
    return await readSpecs(current, values)
  } catch {
    return []
  }
}

async function readSpecs(current: string, values: Record<string, string>): Promise<Candidate[]> {
  const { formatBytes, parseSpec } = await import('@trackway/sdk')
  const { session, at } = await openForCompletion(values)
  const [artifact = ''] = current.split(':')
  if (artifact === current) {
    const artifacts = (await session.listArtifacts(at))
      .map(({ type, name, latest }) => ({
        value: `${type}/${name}`,
        about: latest === null ? 'deleted' : `${latest.tag}, ${formatBytes(latest.size)}`,
      }))
      .filter(({ value }) => value.startsWith(current))
    // A single candidate would end the word: the second, with a colon, lets the user continue it.
    const [only, ...others] = artifacts
    if (only === undefined || others.length > 0) return artifacts
    return [only, { value: `${only.value}:`, about: 'its versions' }]
  }
  const { type, name } = parseSpec(artifact)
  const [versions, aliases] = await Promise.all([
    session.listVersions(name, type, at),
    session.listAliases(name, type, at),
  ])
  return [
    { value: `${artifact}:latest`, about: versions[0]?.tag ?? '' },
    ...Object.entries(aliases).map(([alias, tag]) => ({ value: `${artifact}:${alias}`, about: tag })),
    ...versions.map(({ tag, size, createdAt }) => ({
      value: `${artifact}:${tag}`,
      about: `${formatBytes(size)}, ${createdAt.slice(0, 10)}`,
    })),
  ]
}
