/** What the Deno kernel of Jupyter gives to the programs in its cells. */
interface Notebook {
  /** Sends a message to all that show the notebook. */
  broadcast(type: string, content: object): Promise<void>
}

/** The notebook that this program runs in; undefined where it runs in none. */
export function findNotebook(): Notebook | undefined {
  // What Deno has is not typed here; what is used of it is asked for.
  const { Deno: deno } = globalThis as { Deno?: { jupyter?: Partial<Notebook> } }
  try {
    const broadcast = deno?.jupyter?.broadcast
    return broadcast === undefined ? undefined : { broadcast }
  } catch {
    return undefined // Deno throws where it is asked for it outside of a notebook.
  }
}
