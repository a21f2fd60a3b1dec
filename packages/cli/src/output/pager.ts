import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'

export interface PagerFlags {
  /** False for `--no-pager`. */
  pager: boolean
}

/** What commands take whose output may be long. */
export function withPager(command: Command): Command {
  return command.option('--no-pager', 'write everything at once, where a terminal would show it page by page')
}

/**
 * Shows a text in the user's pager, as git does: `$PAGER`, or less, which shows colours and ends by itself where the text
 * fits the screen. Returns false where there is none.
 */
export async function showInPager(text: string): Promise<boolean> {
  const pager = process.env['PAGER'] ?? 'less'
  if (pager === '' || pager === 'cat') return false
  const child = spawn(pager, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', LV: '-c', ...process.env },
  })
  // Who has read enough ends it before it has all.
  child.stdin.on('error', () => {})
  child.stdin.end(text)
  try {
    const [code] = (await once(child, 'close')) as [number | null] // What a process gives.
    return code !== commandNotFound && code !== cannotExecute
  } catch {
    return false
  }
}

// What shells answer.
const commandNotFound = 127
const cannotExecute = 126
