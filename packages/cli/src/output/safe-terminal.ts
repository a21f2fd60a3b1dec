import { printable } from '@trackway/server/command'
import type { Terminal } from '../terminal.ts'

// What `styled` and the titles of help write.
// oxlint-disable-next-line no-control-regex -- It is what they begin with.
const ownStyle = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/

/**
 * A terminal that shows all text and obeys none: names, paths and messages come from servers and files that others
 * wrote. Everything that a command writes passes here.
 */
export function safeTerminal<Given extends Terminal>(terminal: Given): Given {
  const safe = (text: string) =>
    terminal.hasColours
      ? text
          .split(ownStyle)
          .map((piece, index) => (index % 2 === 1 ? piece : printable(piece)))
          .join('')
      : printable(text)
  const { page } = terminal
  return {
    ...terminal,
    ...(page !== undefined && { page: (text: string) => page(safe(text)) }),
    out: (text) => terminal.out(safe(text)),
    tell: (text) => terminal.tell(safe(text)),
  }
}
