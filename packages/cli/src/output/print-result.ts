import { printableJson } from '@trackway/server/command'
import type { OutputFlags } from '../place-options.ts'
import type { PagerFlags } from './pager.ts'
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

/** As `printResult`, page by page where a terminal is too small for the lines. */
export async function printLong(
  terminal: Terminal,
  flags: OutputFlags & PagerFlags,
  result: { value: unknown; lines: () => readonly string[] },
): Promise<void> {
  if (flags.json || !flags.pager || terminal.page === undefined) return printResult(terminal, flags, result)
  await terminal.page(
    result
      .lines()
      .map((line) => `${line}\n`)
      .join(''),
  )
}

/** Says something that is not the result, unless nothing is to be said. */
export function note(terminal: Terminal, { json, quiet }: OutputFlags, text: string): void {
  if (!json && !quiet) terminal.tell(`${text}\n`)
}
