import type { Candidate } from './candidate.ts'
import { openForCompletion } from './open-for-completion.ts'

/** The experiments of the team that the options name, or none if they cannot be read. */
export async function findExperiments(values: Record<string, string>): Promise<Candidate[]> {
  try {
    const { session, at } = await openForCompletion(values)
    const names = await session.listExperiments({ signal: at.signal })
    return names.map((value) => ({ value, about: 'an experiment' }))
  } catch {
    return []
  }
}
