export { checksumsOf, diffOf, digestEntries } from '../artifact/compare.ts'
export { checkCall } from '../calls/calls.ts'
