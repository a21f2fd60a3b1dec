import { printableJson } from '@trackway/server/command'
import type { OutputFlags } from '../place-options.ts'
import type { Terminal } from '../terminal.ts'

/** Writes what a command came to: as JSON where that was asked for, else as the lines given. */
export function printResult(
  terminal: Terminal,
  { json }: OutputFlags,
  { value, lines }: { value: unknown; lines: () => readonly string[] },
): void {
  if (json) terminal.out(`${printableJson(value, 2)}\n`)
  else for (const line of lines()) terminal.out(`${line}\n`)
}

/** Says something that is not the result, unless nothing is to be said. */
export function note(terminal: Terminal, { json, quiet }: OutputFlags, text: string): void {
  if (!json && !quiet) terminal.tell(`${text}\n`)
}
