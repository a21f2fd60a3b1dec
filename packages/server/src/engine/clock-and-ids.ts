/**
 * What the engine takes from the machine besides its store: a test may replace it, so that a run is
 * repeatable.
 */
export interface ClockAndIds {
  /** Milliseconds since 1970. Rules that keep data use the age that the store returns, never this. */
  now(): number
  /** Resolves after this many milliseconds. */
  sleep(ms: number): Promise<void>
  /** A random UUID. */
  newId(): string
}

export const systemClockAndIds: ClockAndIds = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  newId: () => crypto.randomUUID(),
}

/** The time in the form that documents use. */
export function timeOf({ now }: Pick<ClockAndIds, 'now'>): string {
  return new Date(now()).toISOString()
}
