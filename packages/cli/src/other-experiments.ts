import type { Opened } from './place-options.ts'

const shown = 5

/** A sentence that names the experiments that there are beside this one, the one that was probably meant if one is near. */
export async function otherExperiments({ session, at }: Opened): Promise<string> {
  const { nearestName } = await import('./nearest-name.ts')
  const wanted = at.experiment.toLowerCase()
  const names = await session.listExperiments({ signal: at.signal })
  const others = names.filter((name) => name.toLowerCase() !== wanted)
  if (others.length === 0) return `The team ${session.team} has no other experiment.`
  const near = nearestName(wanted, others)
  if (near !== undefined) return `Did you mean --experiment ${near}?`
  const listed = others.slice(0, shown).join(', ')
  const more = others.length > shown ? `, … (${others.length}; trackway experiments lists them)` : ''
  return `Other experiments: ${listed}${more}; name one by --experiment`
}

/** What was asked for; where this experiment has no such artifact, the error names the other experiments. */
export async function orNameExperiments<T>(opened: Opened, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    const { TrackwayError } = await import('@trackway/sdk')
    if (!TrackwayError.isInstance(error) || error.code !== 'not_found' || !('artifact' in error.details))
      throw error
    // What is only said beside does not keep anybody from hearing what failed.
    const others = await otherExperiments(opened).catch(() => '')
    const { message, details, requestId } = error
    throw new TrackwayError('not_found', `${message.replace(/[^.?!]$/, '$&.')} ${others}`.trim(), {
      cause: error,
      details,
      ...(requestId !== undefined && { requestId }),
    })
  }
}
