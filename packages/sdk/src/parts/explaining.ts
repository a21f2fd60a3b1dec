export { explain } from '../client/explain.ts'
export { readLongAnswer } from '../client/long-answer.ts'
export { misfitOf } from '../client/misfit.ts'
