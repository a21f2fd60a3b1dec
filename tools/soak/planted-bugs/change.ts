/** The code that a comment marks: the statement, property or element below it. */
export interface MarkedCode {
  code: string
  /** Where in it the condition is, if it is an `if`. */
  condition: { start: number; end: number } | undefined
}

/** Returns what takes the place of marked code. */
export type Change = (marked: MarkedCode) => string

export const removed: Change = () => ''
/** An `if` whose condition is always true. */
export const always: Change = (marked) => withCondition(marked, 'true')
/** An `if` whose condition is never true. */
export const never: Change = (marked) => withCondition(marked, 'false')

function withCondition({ code, condition }: MarkedCode, value: 'true' | 'false'): string {
  if (condition === undefined) throw new Error('The code below the comment is not an if')
  return `${code.slice(0, condition.start)}${value}${code.slice(condition.end)}`
}
