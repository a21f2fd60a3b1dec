import type { TestBucket } from '../s3-servers/test-bucket.ts'

/** What a case counted, such as `{ commits: 12, sweeps: 3 }`. */
export type Counts = Record<string, number>

/** The options of a case, besides its number. */
export interface CaseContext {
  /** How many cases there are. */
  count: number
  /** Whether it should be short, as for every change. */
  isQuick: boolean
  /** The S3 store that it uses; undefined for a store that it creates itself. */
  bucket?: TestBucket | undefined
}

/** How many cases are run: for every change, and in a long run. `all`: as many as there are. */
interface CaseCounts {
  quick: number | 'all'
  full: number | 'all'
}

/** Many cases of one kind, each of which tries to break a promise in a different way. */
export interface Campaign extends CaseCounts {
  name: string
  /** A short description. */
  title: string
  /** The unit of its cases: seeds, cuts, kills. */
  unit: string
  /** The number of cases over each S3 store. Left out if the campaign does not apply to S3. */
  s3?: CaseCounts
  /** The total number of cases, if they are enumerated and not random. */
  size?(): Promise<number>
  /** All cases are one run, which gets their number. */
  atOnce?: true
  /** It measures response times, so no other campaign runs at the same time. */
  alone?: true
  /** Runs one case, which depends only on its number. Throws if a promise is broken. */
  run(seed: number, context: CaseContext): Promise<Counts | void>
}

export function add(counts: Counts, more: Counts): void {
  for (const [name, count] of Object.entries(more)) {
    // Counts whose names end in a superlative are not summed.
    counts[name] = name.startsWith('most ') ? Math.max(counts[name] ?? 0, count) : (counts[name] ?? 0) + count
  }
}

/** One case of a campaign whose cases are enumerated and not random. */
export type Case = (context: CaseContext) => Promise<Counts | void>

/** The fields of such a campaign, whose cases are enumerated once. */
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
