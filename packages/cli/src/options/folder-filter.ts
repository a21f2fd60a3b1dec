import type { Command } from 'commander'
import { collect } from './collect.ts'

/** Adds the options that say which files of a folder are left out. */
export function withFolderFilter(command: Command): Command {
  return command
    .option('--ignore <pattern>', 'leave out files that match a gitignore pattern; repeatable', collect)
    .option('--gitignore', 'leave out files that .gitignore files exclude')
}
