import { html, nothing, type Html } from './html.ts'

// Colors that are readable on white and on black: notebooks have light and dark themes, and inline styles
// cannot query the theme. Text has the notebook's own color.
const line = '1px solid rgba(127,127,127,.25)'
const breaking = 'overflow-wrap:anywhere'
const faint = 'opacity:.7'
const cell = 'vertical-align:top;border:none;padding'

/** The meaning of the colors in bars and lists. */
export const colors = {
  done: '#3b82f6',
  reused: '#8b95a5',
  added: '#2da44e',
  removed: '#e5534b',
  changed: '#c98a1b',
}

/** The output of a cell: a title, remarks, and content. Names are not searched for formulas. */
export function panel(title: Html, ...parts: readonly Html[]): Html {
  return html`<div class="tex2jax_ignore mathjax_ignore" style="max-width:52em;line-height:1.5;${breaking}"><div>${title}</div>${parts}</div>`
}

/** The kind of thing, its name, and a few words about it. */
export function heading(kind: string, name: string, note = ''): Html {
  return html`${aside(kind)} <strong>${name}</strong> ${aside(note)}`
}

/** A few words of less importance. */
export function aside(text: string): Html {
  return text === '' ? nothing : html`<span style="${faint}">${text}</span>`
}

export function code(text: string): Html {
  return html`<code style="font-size:.92em;background:none;color:inherit;padding:0">${text}</code>`
}

/** Named facts; undefined ones are left out. */
export function factTable(facts: Readonly<Record<string, Html | string | undefined>>): Html {
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [
          html`<tr style="background:none"><td style="text-align:left;${cell}:1px 12px 1px 0;${faint}">${name}</td><td style="text-align:left;${cell}:1px 0">${value}</td></tr>`,
        ],
  )
  return rows.length === 0 ? nothing : table(['8em', 'auto'], rows)
}

/** A column of a list. */
export interface Column {
  title: string
  /** Such as `8em`. Default: what the others leave. */
  width?: string
  align?: 'right'
}

/** How many rows are visible at once. */
const shownRows = 20
/**
 * How many rows a notebook keeps at most, so that a version of a million files does not make a file of 300
 * MB.
 */
const keptRows = 1000

/** A list whose rows after the twentieth are folded. A row has as many cells as there are columns. */
export function list<Item>(
  columns: readonly Column[],
  items: readonly Item[],
  cellsOf: (item: Item) => readonly (Html | string)[],
): Html {
  const widths = columns.map(({ width = 'auto' }) => width)
  const head = columns.map(
    (column) => html`<th style="${styleOf(column)};${faint};font-weight:normal">${column.title}</th>`,
  )
  const lines = items.slice(0, keptRows).map((item) => listRow(columns, cellsOf(item)))
  const folded = lines.slice(shownRows)
  const more = items.length - shownRows
  const cut = items.length - lines.length
  return html`${table(widths, [rowOf(head), ...lines.slice(0, shownRows)])}${
    folded.length === 0
      ? nothing
      : html`<details><summary style="cursor:pointer">… and ${more.toLocaleString('en')} more</summary>${table(widths, folded)}${aside(cut > 0 ? `… and ${cut.toLocaleString('en')} not shown` : '')}</details>`
  }`
}

function listRow(columns: readonly Column[], cells: readonly (Html | string)[]): Html {
  return rowOf(
    columns.map((column, index) => html`<td style="${styleOf(column)}">${cells[index] ?? ''}</td>`),
  )
}

function rowOf(cells: readonly Html[]): Html {
  return html`<tr style="background:none;border-bottom:${line}">${cells}</tr>`
}

function styleOf({ align }: Column): string {
  return `text-align:${align ?? 'left'};${cell}:2px 12px 2px 0`
}

function table(widths: readonly string[], rows: readonly Html[]): Html {
  const columns = widths.map((width) => html`<col style="width:${width}">`)
  return html`<table style="table-layout:fixed;width:100%;margin:4px 0;border:none;border-collapse:collapse;font-size:inherit;color:inherit"><colgroup>${columns}</colgroup><tbody>${rows}</tbody></table>`
}

/** A bar whose parts have a share from 0 to 1 each; the rest of it is empty. */
export function bar(...parts: readonly { share: number; color: string }[]): Html {
  const filled = parts.map(
    ({ share, color }) => html`<div style="width:${(share * 100).toFixed(1)}%;background:${color}"></div>`,
  )
  return html`<div style="display:flex;height:8px;max-width:28em;margin:6px 0;border-radius:4px;overflow:hidden;background:rgba(127,127,127,.2)">${filled}</div>`
}

/** A word in the color of its meaning. */
export function mark(text: string, color: string): Html {
  return html`<strong style="color:${color}">${text}</strong>`
}
