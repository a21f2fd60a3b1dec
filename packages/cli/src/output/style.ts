import { styleText } from 'node:util'
import type { Terminal } from '../terminal.ts'

type Look = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan'

/** A text in a colour, where the terminal has them. */
export function styled({ hasColours }: Terminal, look: Look, text: string): string {
  return hasColours && text !== '' ? styleText(look, text, { validateStream: false }) : text
}
