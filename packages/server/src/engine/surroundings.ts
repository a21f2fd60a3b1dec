/** What the engine takes from the machine beside its store: a test may play it, so that a run repeats from one number. */
export interface Surroundings {
  /** Milliseconds since 1970. Rules that keep data go by the age that the store tells, never by this. */
  now(): number
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>
  /** A random UUID. */
  newId(): string
}

export const systemSurroundings: Surroundings = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  newId: () => crypto.randomUUID(),
}

/** The time as documents hold it. */
export function timeOf({ now }: Pick<Surroundings, 'now'>): string {
  return new Date(now()).toISOString()
}
