import type { TestBucket } from '../s3-servers/test-bucket.ts'

/** What a case counted, such as `{ commits: 12, sweeps: 3 }`. */
export type Counts = Record<string, number>

/** What a case is told beside its number. */
export interface CaseContext {
  /** How many cases there are. */
  count: number
  /** Whether it is to be short, as with every change. */
  isQuick: boolean
  /** The S3 store that it goes over; undefined: a store of its own making. */
  bucket?: TestBucket | undefined
}

/** How many cases are run: with every change, and in a long run. `all`: as many as there are. */
interface CaseCounts {
  quick: number | 'all'
  full: number | 'all'
}

/** Many cases of one kind, each of which tries to break a promise in its own way. */
export interface Campaign extends CaseCounts {
  name: string
  /** What is tried, in a few words. */
  title: string
  /** What one case is called: seeds, cuts, kills. */
  unit: string
  /** The same over each S3 store that there is. Left out: it has no business there. */
  s3?: CaseCounts
  /** How many cases there are at all, where they are counted and not drawn. */
  size?(): Promise<number>
  /** All cases are one run, which is told how many there are. */
  atOnce?: true
  /** It measures how fast answers come: no other campaign runs beside it. */
  alone?: true
  /** Runs one case, which its number alone decides. Throws where a promise was broken. */
  run(seed: number, context: CaseContext): Promise<Counts | void>
}

export function add(counts: Counts, more: Counts): void {
  for (const [name, count] of Object.entries(more)) {
    // What ends in a superlative is no sum.
    counts[name] = name.startsWith('most ') ? Math.max(counts[name] ?? 0, count) : (counts[name] ?? 0) + count
  }
}

/** One case of a campaign whose cases are counted and not drawn. */
export type Case = (context: CaseContext) => Promise<Counts | void>

/** The parts of such a campaign: its cases, which are found once. */
export function counted(find: () => Promise<readonly Case[]>): Required<Pick<Campaign, 'size' | 'run'>> {
  let found: Promise<readonly Case[]> | undefined
  return {
    size: async () => (await (found ??= find())).length,
    async run(index, context) {
      const run = (await (found ??= find()))[index]
      if (run === undefined) throw new RangeError(`There is no case ${index}`)
      return run(context)
    },
  }
}
