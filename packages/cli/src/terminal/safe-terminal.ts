import { printable } from '@trackway/server/command'
import type { Terminal } from './terminal.ts'

// The styles that `styled` and the titles of `--help` write.
// oxlint-disable-next-line no-control-regex -- Styles begin with a control character.
const ownStyle = /(\u001b\[(?:1|2|22|31|32|33|36|39)m)/

/**
 * A terminal that replaces control characters, since names, paths and messages come from servers and files
 * that others wrote. All output of a command goes through it.
 */
export function safeTerminal<Given extends Terminal>(terminal: Given): Given {
  const safe = (text: string) =>
    terminal.hasColors
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
