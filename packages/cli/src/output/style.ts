import { styleText } from 'node:util'
import type { Terminal } from '../terminal/terminal.ts'

type Look = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan'

/** Styles text, if the terminal has colors. */
export function styled({ hasColors }: Terminal, look: Look, text: string): string {
  return hasColors && text !== '' ? styleText(look, text, { validateStream: false }) : text
}
