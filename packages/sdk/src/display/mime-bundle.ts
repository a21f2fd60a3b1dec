import { printable } from '@trackway/protocol'
import type { Html } from './html.ts'

/** What a notebook shows: it uses the first format that it supports, and stores all of them. */
export interface MimeBundle {
  'text/html': string
  'text/plain': string
}

export function bundleOf(text: string, html: Html): MimeBundle {
  return { 'text/html': html.markup, 'text/plain': printable(text) }
}
