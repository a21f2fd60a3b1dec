import type { Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { addDownloadCommand } from './download.ts'
import { addUploadCommand } from './upload.ts'

/** The same commands, for users who are used to deepdriver's spelling. */
export function addArtifactCommand(program: Command, terminal: Terminal): void {
  const artifact = program
    .command('artifact')
    .helpCommand(false)
    .summary('upload and download, as deepdriver spells them')
    .description('The commands upload and download, as deepdriver spells them.')
  addUploadCommand(artifact, terminal)
  addDownloadCommand(artifact, terminal)
}
