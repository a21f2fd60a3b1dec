import type * as Functions from '../src/session/current.ts'

let copies = 0

/** The module-level functions as a program finds them that has just begun: nobody is logged in. */
export async function freshFunctions(): Promise<typeof Functions> {
  copies += 1
  // The query makes it another module; what it imports stays the same.
  const copy = new URL(`../src/session/current.ts?copy=${copies}`, import.meta.url)
  return import(/* @vite-ignore */ copy.href)
}
