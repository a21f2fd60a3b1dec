import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'

export interface PagerFlags {
  /** False for `--no-pager`. */
  pager: boolean
}

/** Adds the option of commands whose output may be long. */
export function withPager(command: Command): Command {
  return command.option('--no-pager', 'print everything at once instead of page by page on a terminal')
}

/**
 * Shows text in the user's pager, as git does: `$PAGER`, or less, with colors and ending by itself if the
 * text fits the screen. Returns false if there is no pager.
 */
export async function showInPager(text: string): Promise<boolean> {
  const pager = process.env['PAGER'] ?? 'less'
  if (pager === '' || pager === 'cat') return false
  const child = spawn(pager, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', LV: '-c', ...process.env },
  })
  // The user may quit the pager before it has read everything.
  child.stdin.on('error', () => {})
  child.stdin.end(text)
  try {
    const [code] = (await once(child, 'close')) as [number | null] // What a process gives.
    return code !== commandNotFound && code !== cannotExecute
  } catch {
    return false
  }
}

// Exit codes of shells.
const commandNotFound = 127
const cannotExecute = 126
