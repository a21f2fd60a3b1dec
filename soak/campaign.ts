/** What a case counted, such as `{ commits: 12, sweeps: 3 }`. */
export type Counts = Record<string, number>

/** Many cases of one kind, each of which tries to break a promise in its own way. */
export interface Campaign {
  name: string
  /** What is tried, in a few words. */
  title: string
  /** What one case is called: seeds, cuts, kills. */
  unit: string
  /** How many cases there are: with every change, and in a long run. `all`: as many as `size` says. */
  quick: number | 'all'
  full: number | 'all'
  /** How many cases there are at all, where they are counted and not drawn. */
  size?(): Promise<number>
  /** All cases are one run, which is told how many there are. */
  atOnce?: true
  /** Runs one case, which its number alone decides. Throws where a promise was broken. */
  run(seed: number, count?: number): Promise<Counts | void>
}

export function add(counts: Counts, more: Counts): void {
  for (const [name, count] of Object.entries(more)) {
    // What ends in a superlative is no sum.
    counts[name] = name.startsWith('most ') ? Math.max(counts[name] ?? 0, count) : (counts[name] ?? 0) + count
  }
}

/** One case of a campaign whose cases are counted and not drawn. */
export type Case = () => Promise<Counts | void>

/** The parts of such a campaign: its cases, which are found once. */
export function counted(find: () => Promise<readonly Case[]>): Required<Pick<Campaign, 'size' | 'run'>> {
  let found: Promise<readonly Case[]> | undefined
  return {
    size: async () => (await (found ??= find())).length,
    async run(index) {
      const run = (await (found ??= find()))[index]
      if (run === undefined) throw new RangeError(`There is no case ${index}`)
      return run()
    },
  }
}
