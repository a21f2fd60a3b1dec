import { printable } from '@trackway/protocol'

/** Markup that is safe to show: external text was escaped when it was inserted. */
export interface Html {
  readonly markup: string
}

type Value = string | number | Html | readonly Html[]

/** A template of markup. Values are text and are escaped, unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  return { markup: String.raw({ raw: strings }, ...values.map(markupOf)) }
}

export const nothing: Html = { markup: '' }

function markupOf(value: Value): string {
  if (typeof value === 'string') return escape(printable(value))
  if (typeof value === 'number') return String(value)
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
