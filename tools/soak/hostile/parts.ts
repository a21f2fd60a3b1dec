import type { Part } from './part.ts'

/** Every part, in the order in which they are run. */
export const parts: readonly Part[] = []
