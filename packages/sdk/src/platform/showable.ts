import type { displays } from '../display/displays.ts'

type Displays = typeof displays

/** The kinds of things that can be shown. */
export type DisplayKind = keyof Displays

/** What is needed to show something. */
export type DisplayFacts<Kind extends DisplayKind> = Parameters<Displays[Kind]['html']>[0]
