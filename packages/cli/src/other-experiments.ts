import { nearestNames } from '@trackway/server/command'
import type { Opened } from './place-options.ts'

const shown = 5

/** A sentence that names the experiments that there are beside this one, the one that was probably meant if one is near. */
export async function otherExperiments(opened: Opened): Promise<string> {
  return (await nameOthers(opened)) ?? `The team ${opened.session.team} has no other experiment.`
}

async function nameOthers({ session, at }: Opened): Promise<string | undefined> {
  const wanted = at.experiment.toLowerCase()
  const names = await session.listExperiments({ signal: at.signal })
  const others = names.filter((name) => name.toLowerCase() !== wanted)
  if (others.length === 0) return undefined
  const near = nearest(wanted, others)
  if (near !== undefined) return near
  const listed = others.slice(0, shown).join(', ')
  const more = others.length > shown ? `, … (${others.length}; trackway experiments lists them)` : ''
  return `Other experiments: ${listed}${more}; name one by --experiment`
}

/** What was asked for; where this experiment has no such artifact, the error says how to name another one. */
export async function orNameExperiments<T>(opened: Opened, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    const { TrackwayError } = await import('@trackway/sdk')
    if (!TrackwayError.isInstance(error) || error.code !== 'not_found' || !('artifact' in error.details))
      throw error
    const { message, details, requestId } = error
    const advice = await adviceOn(opened, details['experiments'])
    throw new TrackwayError(
      'not_found',
      advice === '' ? message : `${message.replace(/[^.?!]$/, '$&.')} ${advice}`,
      {
        cause: error,
        details,
        ...(requestId !== undefined && { requestId }),
      },
    )
  }
}

/** The server names those that have the artifact. Where none has, it may be the experiment that was misspelt. */
async function adviceOn(opened: Opened, having: unknown): Promise<string> {
  const names = Array.isArray(having) ? having.map(String) : []
  // What is only said beside does not keep anyone from learning what failed.
  if (names.length === 0) return (await nameOthers(opened).catch(() => undefined)) ?? ''
  const near = names.length === 1 ? didYouMean(names[0]) : nearest(opened.at.experiment, names)
  return near ?? 'Name one by --experiment'
}

function nearest(wanted: string, names: readonly string[]): string | undefined {
  return didYouMean(nearestNames(wanted, names)[0])
}

function didYouMean(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `Did you mean --experiment ${name}?`
}
