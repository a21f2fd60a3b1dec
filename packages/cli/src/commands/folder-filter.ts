import type { Command } from 'commander'
import { collect } from './collect.ts'

/** What every command takes that looks at the files of a folder. */
export function withFolderFilter(command: Command): Command {
  return command
    .option('--ignore <pattern>', 'leave out what a pattern of gitignore means; repeatable', collect)
    .option('--gitignore', 'leave out what .gitignore files leave out')
}
