/** One thing that may happen next. */
export interface Step<State> {
  actor: string
  /** What the actor does, as a sentence without its subject. */
  does: string
  state: State
}

/** Something that takes steps, and what must hold of it. */
export interface Model<State> {
  initial: readonly State[]
  /** Equal for states that do not have to be distinguished. */
  key(state: State): number | string
  /** Everything that may happen next. Empty if every actor has finished, or waits. */
  next(state: State): Step<State>[]
  /** What is wrong with a state, in words; undefined if nothing is. */
  violation(state: State): string | undefined
  /** Whether it is right that nothing happens any more. */
  finished(state: State): boolean
  describe(state: State): string
}

/** How a state came about, in words: the first line is where it began, the last what is wrong. */
export type Trace = readonly string[]

export interface Exploration {
  states: number
  /** How many of the states violate what must hold. With `stopAtViolation` at most 1. */
  violations: number
  /** A shortest way to a violation. */
  violation: Trace | undefined
  /** A shortest way to a state in which nothing can happen although an actor has not finished. */
  deadlock: Trace | undefined
  /** Whether some run never ends. */
  endless: boolean
}

interface Found<State> {
  state: State
  /** Numbers of the state before it and of the step taken there; -1 for an initial state. */
  parent: number
  step: number
}

/**
 * Visits every state that can be reached, breadth first, so that the first bad one is as near as any.
 *
 * Of several states with one key the first is kept as it was found, so every state kept is truly a successor
 * of its parent, and a trace reads as one run.
 */
export function explore<State>(model: Model<State>, { stopAtViolation = false } = {}): Exploration {
  const found: Found<State>[] = []
  const numbers = new Map<number | string, number>()
  const edges: number[][] = []
  const exploration: Exploration = {
    states: 0,
    violations: 0,
    violation: undefined,
    deadlock: undefined,
    endless: false,
  }

  function visit(state: State, parent: number, step: number): number {
    const key = model.key(state)
    const known = numbers.get(key)
    if (known !== undefined) return known
    const number = found.push({ state, parent, step }) - 1
    numbers.set(key, number)
    return number
  }

  for (const state of model.initial) visit(state, -1, -1)
  for (let number = 0; number < found.length; number += 1) {
    const { state } = at(found, number)
    const wrong = model.violation(state)
    if (wrong !== undefined) {
      exploration.violations += 1
      exploration.violation ??= traceTo(model, found, number, wrong)
      if (stopAtViolation) break
    }
    const steps = model.next(state)
    edges.push(steps.map((step, index) => visit(step.state, number, index)))
    if (steps.length === 0 && !model.finished(state)) {
      exploration.deadlock ??= traceTo(model, found, number, 'nothing more can happen')
    }
  }
  exploration.states = found.length
  // An exploration that stopped early knows only a part of the graph.
  exploration.endless = edges.length === found.length && hasCycle(edges)
  return exploration
}

function traceTo<State>(
  model: Model<State>,
  found: readonly Found<State>[],
  number: number,
  end: string,
): Trace {
  const lines = [`=> ${end}`]
  let now = at(found, number)
  while (now.parent >= 0) {
    const before = at(found, now.parent)
    const { actor, does } = at(model.next(before.state), now.step)
    lines.unshift(`${actor} ${does}`)
    now = before
  }
  return [model.describe(now.state), ...lines]
}

/**
 * Repeatedly removes states that nothing leads to; those that remain are on or after a cycle.
 */
function hasCycle(edges: readonly (readonly number[])[]): boolean {
  const incoming = new Uint32Array(edges.length)
  for (const targets of edges) for (const target of targets) incoming[target] = (incoming[target] ?? 0) + 1
  const free: number[] = []
  incoming.forEach((count, number) => {
    if (count === 0) free.push(number)
  })
  let taken = 0
  for (let number = free.pop(); number !== undefined; number = free.pop()) {
    taken += 1
    for (const target of at(edges, number)) {
      const left = (incoming[target] ?? 0) - 1
      incoming[target] = left
      if (left === 0) free.push(target)
    }
  }
  return taken < edges.length
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index]
  if (item === undefined) throw new RangeError(`There is no item ${index} of ${items.length}`)
  return item
}
