import type { Crew, Lane, TaskInput, TaskName, Tasks } from './tasks.ts'

/** Milliseconds after which everything else gets a turn. */
const turnMs = 8

/** A crew that is this thread alone. It lets others have a turn between two tasks. */
export function createSoloCrew(tasks: Tasks): Crew {
  let turnBeganAt = performance.now()
  const lane: Lane = {
    async run<Name extends TaskName>(name: Name, input: TaskInput<Name>) {
      if (performance.now() - turnBeganAt > turnMs) {
        await new Promise((resolve) => setTimeout(resolve))
        turnBeganAt = performance.now()
      }
      // The task of this name takes this input.
      const task = tasks[name] as (input: TaskInput<Name>) => ReturnType<Tasks[Name]>
      return task(input)
    },
  }
  return { size: 1, run: lane.run, lane: () => lane, release() {} }
}
