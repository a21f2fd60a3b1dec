import { chunkTasks } from './chunk-tasks.ts'
import { createSoloCrew } from './solo-crew.ts'
import type { Crew } from './tasks.ts'

/** Does all work on the page's thread, with pauses for the page's own work. */
export function openCrew(): Promise<Crew> {
  return Promise.resolve(createSoloCrew(chunkTasks))
}
