import { printableJson } from '@trackway/server/command'
import type { OutputFlags } from '../options/scope-options.ts'
import type { PagerFlags } from '../terminal/pager.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Writes the result of a command: as JSON with `--json`, else as the given lines. */
export function printResult(
  terminal: Terminal,
  { json }: OutputFlags,
  { value, lines }: { value: unknown; lines: () => readonly string[] },
): void {
  if (json) terminal.out(`${printableJson(value, 2)}\n`)
  else for (const line of lines()) terminal.out(`${line}\n`)
}

/** Like `printResult`, but shows lines that do not fit on a terminal in the pager. */
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

/** Writes a note to standard error, unless `--json` or `--quiet` is given. */
export function note(terminal: Terminal, { json, quiet }: OutputFlags, text: string): void {
  if (!json && !quiet) terminal.tell(`${text}\n`)
}
