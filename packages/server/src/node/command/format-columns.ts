import width from 'string-width'

/**
 * Formats rows as lines of aligned columns. The first row holds the titles. A column without any text is left
 * out.
 */
export function formatColumns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = titles.flatMap((_, column) => (rows.some((row) => row[column]) ? [column] : []))
  const lines = [titles, ...rows].map((row) => shown.map((column) => row[column] ?? ''))
  const widths = shown.map((_, index) => Math.max(...lines.map((line) => width(line[index] ?? ''))))
  return lines
    .map(
      (line) =>
        `${line
          .map((text, index) => text + ' '.repeat((widths[index] ?? 0) - width(text)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
