import type { Crew, Lane, TaskInput, TaskName, TaskOutput, Tasks } from './tasks.ts'

/** Milliseconds after which everything else gets a turn. */
const turnMs = 8

/** A crew that is only this thread. It lets other work have a turn between two tasks, and keeps the order. */
export function createSoloCrew(tasks: Partial<Tasks>): Crew {
  let turnBeganAt = performance.now()
  let last: Promise<unknown> = Promise.resolve()

  async function takeTurn(): Promise<void> {
    if (performance.now() - turnBeganAt <= turnMs) return
    await new Promise((resolve) => setTimeout(resolve))
    turnBeganAt = performance.now()
  }

  const lane: Lane = {
    run<Name extends TaskName>(name: Name, input: TaskInput<Name>): Promise<TaskOutput<Name>> {
      // The task of this name takes this input. Only tasks on files are missing, where there are no files.
      const task = tasks[name] as (input: TaskInput<Name>) => TaskOutput<Name>
      const output = last.then(takeTurn).then(() => task(input))
      last = output.catch(() => {}) // The caller gets the error.
      return output
    },
  }
  return { size: 1, run: lane.run, lane: () => lane, release() {} }
}
