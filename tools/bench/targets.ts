import type { Row } from './lab.ts'
import { median } from './statistics.ts'

/** The ratio of a row's median to another's. */
export function factor(row: Row): number | undefined {
  return row.against === undefined ? undefined : median(row.ms) / median(row.against.ms)
}

export function atMostTimes(row: Row, most: number): Row['target'] {
  const reached = (factor(row) ?? Number.NaN) <= most
  return { text: `at most ${most} times`, reached }
}

/** The rate is at least this share of the baseline's. */
export function rateOf(row: Row, least: number): Row['target'] {
  const reached = 1 / (factor(row) ?? Number.NaN) >= least
  return { text: `at least ${least} of its rate`, reached }
}

/** Our rate is at least this many times another's. */
export function fasterThan(ours: Row, other: Row, times: number): Row['target'] {
  const rate = (row: Row) => (row.amount?.count ?? Number.NaN) / median(row.ms)
  const found = rate(ours) / rate(other)
  return { text: `ours ${times} times the rate: ${found.toFixed(1)}`, reached: found >= times }
}
