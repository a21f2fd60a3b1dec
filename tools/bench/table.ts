import type { Row } from './lab.ts'
import { median } from './statistics.ts'
import { factor } from './targets.ts'

/** A printed row. */
export function describeRow(row: Row, { quick }: { quick: boolean }) {
  const middle = median(row.ms)
  const rate = row.amount && row.ms.length > 0 ? row.amount.count / (middle / 1000) : undefined
  const times = factor(row)
  // Targets are for the full sizes: with little data, the start-up time dominates.
  const target = quick ? undefined : row.target
  return {
    case: row.case,
    what: row.what,
    ms: row.ms.length === 0 ? '' : number(middle),
    spread: row.ms.length < 2 ? '' : `${number(Math.min(...row.ms))}–${number(Math.max(...row.ms))}`,
    rate: rate === undefined ? '' : `${number(rate)} ${row.amount?.unit}/s`,
    factor: times === undefined ? '' : times.toFixed(2),
    target: target?.text ?? '',
    reached: target === undefined ? '' : target.reached ? 'yes' : 'NO',
    notes: row.notes?.join('; ') ?? '',
  }
}

function number(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : value >= 1
      ? value.toFixed(1)
      : value.toFixed(3)
}

/** Formats all rows as a Markdown table that is readable in a terminal. */
export function renderTable(rows: readonly Row[], options: { quick: boolean }): string {
  const described = rows.map((row) => describeRow(row, options))
  const columns = ['case', 'what', 'ms', 'spread', 'rate', 'factor', 'target', 'reached', 'notes'] as const
  const widths = columns.map((column) =>
    Math.max(column.length, ...described.map((row) => row[column].length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`
  return [
    line(columns),
    line(widths.map((width) => '-'.repeat(width))),
    ...described.map((row) => line(columns.map((column) => row[column]))),
  ].join('\n')
}
