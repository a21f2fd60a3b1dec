import { printable } from '@trackway/protocol'

/** How many items of a list are printed. */
const shownItems = 20
/** Columns are aligned up to this many characters. */
const widest = 60

/** A title, followed by named facts. */
export function textOf(title: string, facts: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined)
  return printable([title, ...inColumns(given)].join('\n'))
}

/** A title, followed by the first items of a list. */
export function listText<Item>(
  title: string,
  items: readonly Item[],
  cellsOf: (item: Item) => readonly string[],
): string {
  const rest = items.length - shownItems
  const lines = inColumns(items.slice(0, shownItems).map(cellsOf))
  return printable(
    [title, ...lines, ...(rest > 0 ? [`  … and ${rest.toLocaleString('en')} more`] : [])].join('\n'),
  )
}

function inColumns(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(widest, Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  )
  return rows.map((row) =>
    // Lines of a value stay below its name.
    `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`
      .trimEnd()
      .replaceAll('\n', '\n    '),
  )
}
