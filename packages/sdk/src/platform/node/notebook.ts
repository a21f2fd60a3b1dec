/** What the Deno kernel of Jupyter provides to the programs in its cells. */
interface Notebook {
  /** Sends a message to all front ends of the notebook. */
  broadcast(type: string, content: object): Promise<void>
}

/** The notebook that this program runs in; undefined if there is none. */
export function findNotebook(): Notebook | undefined {
  // Deno's API is not typed here; what is used of it is checked.
  const { Deno: deno } = globalThis as { Deno?: { jupyter?: Partial<Notebook> } }
  try {
    const broadcast = deno?.jupyter?.broadcast
    return broadcast === undefined ? undefined : { broadcast }
  } catch {
    return undefined // Deno throws here outside of a notebook.
  }
}
