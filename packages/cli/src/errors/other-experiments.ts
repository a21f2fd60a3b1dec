import type { Hint } from '@trackway/sdk'
import { nearestNames } from '@trackway/server/command'
import { hintSentence } from './hint-words.ts'
import type { Opened } from '../options/scope-options.ts'

const shown = 5
const passIt: Hint = { kind: 'option', options: ['experiment'] }

/** What to say about the other experiments. */
type Advice = { listed: string; near?: undefined } | { listed?: undefined; near: Hint | undefined }

/** A sentence that lists the other experiments, or suggests the one with a similar name. */
export async function otherExperiments(opened: Opened): Promise<string> {
  const advice = await nameOthers(opened)
  if (advice === undefined) return `The team ${opened.session.team} has no other experiments.`
  const { listed, near } = advice
  return listed === undefined ? hintSentence(near ?? passIt) : `${listed}; choose one with --experiment`
}

async function nameOthers({ session, at }: Opened): Promise<Advice | undefined> {
  const wanted = at.experiment.toLowerCase()
  const names = await session.listExperiments({ signal: at.signal })
  const others = names.filter((name) => name.toLowerCase() !== wanted)
  if (others.length === 0) return undefined
  const near = nearest(wanted, others)
  if (near !== undefined) return { near }
  const first = others.slice(0, shown).join(', ')
  const more = others.length > shown ? `, … (${others.length}; trackway experiments lists them)` : ''
  return { listed: `Other experiments: ${first}${more}` }
}

/** Awaits a call. If this experiment has no such artifact, the error suggests other experiments. */
export async function orNameExperiments<T>(opened: Opened, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    const { TrackwayError } = await import('@trackway/sdk')
    if (!TrackwayError.hasCode(error, 'not_found') || !('artifact' in error.details)) throw error
    const { reason, details, requestId } = error
    const advice = await adviceOn(opened, details['experiments'])
    if (advice === undefined) throw error
    const { listed, near } = advice
    throw new TrackwayError('not_found', listed === undefined ? reason : `${reason}. ${listed}`, {
      cause: error,
      details,
      hint: near ?? error.hint ?? passIt,
      ...(requestId !== undefined && { requestId }),
    })
  }
}

/** The server names the experiments that have the artifact. If none has, the experiment may be misspelled. */
async function adviceOn(opened: Opened, having: unknown): Promise<Advice | undefined> {
  const names = Array.isArray(having) ? having.map(String) : []
  // A failure to read the hint must not hide the original error.
  if (names.length === 0) return nameOthers(opened).catch(() => undefined)
  const [only] = names
  return {
    near: names.length === 1 && only !== undefined ? meant(only) : nearest(opened.at.experiment, names),
  }
}

function nearest(wanted: string, names: readonly string[]): Hint | undefined {
  const [near] = nearestNames(wanted, names)
  return near === undefined ? undefined : meant(near)
}

function meant(experiment: string): Hint {
  return { kind: 'nearest', names: [experiment], option: 'experiment' }
}
