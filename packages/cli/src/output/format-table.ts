import width from 'string-width'
import type { Terminal } from '../terminal/terminal.ts'
import { styled } from './style.ts'

export interface Column<Row> {
  title: string
  /** Default: left. */
  align?: 'left' | 'right'
  cell(row: Row): string
}

/** Formats rows as aligned columns below their titles. Leaves out empty columns; no rows give no lines. */
export function formatTable<Row>(
  terminal: Terminal,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): string[] {
  if (rows.length === 0) return []
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => column.cell(row)) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
  const widths = filled.map(({ title, cells }) =>
    cells.reduce((widest, cell) => Math.max(widest, width(cell)), title.length),
  )
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, filled[index]?.align))
      .join('  ')
      .trimEnd()
  return [
    styled(terminal, 'dim', line(filled.map(({ title }) => title))),
    ...rows.map((_, index) => line(filled.map(({ cells }) => cells[index] ?? ''))),
  ]
}

function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)))
  return align === 'right' ? space + text : text + space
}
