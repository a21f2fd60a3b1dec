import { createRequire } from 'node:module'
import { addServeCommand, reportUnknownOptionsFirst } from '@trackway/server/command'
import { Command } from 'commander'
import { addAliasCommand } from './commands/alias.ts'
import { addArtifactCommand } from './commands/artifact.ts'
import { addAssetsCommand } from './commands/assets.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addDescribeCommand } from './commands/describe.ts'
import { addDiffCommand } from './commands/diff.ts'
import { addDownloadCommand } from './commands/download.ts'
import { addExperimentsCommand } from './commands/experiments.ts'
import { addInitCommand } from './commands/init.ts'
import { addLsCommand } from './commands/ls.ts'
import { addLoginCommand } from './commands/login.ts'
import { addLogoutCommand } from './commands/logout.ts'
import { addPushCommand } from './commands/push.ts'
import { addRmCommand } from './commands/rm.ts'
import { addRestoreCommand } from './commands/restore.ts'
import { addShowCommand } from './commands/show.ts'
import { addSyncCommand } from './commands/sync.ts'
import { addUploadCommand } from './commands/upload.ts'
import { addUrlCommand } from './commands/url.ts'
import { addVerifyCommand } from './commands/verify.ts'
import type { CommandTerminal } from './terminal/terminal.ts'

/** Creates all commands. What a command needs besides its options is loaded when it runs. */
export function createProgram(terminal: CommandTerminal): Command {
  // Our own file.
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string }
  const program = new Command('trackway')
    .description(description)
    .version(version, '-V, --version', 'print the version of trackway')
    .helpOption('-h, --help', 'show help for the command, with examples')
    .helpCommand('help [command]', 'show help for a command, with examples')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.tell(text),
      // `runCommand` reports errors, in one line.
      outputError: () => {},
      getOutHasColors: () => terminal.hasColors,
    })
    .configureHelp({ styleTitle: (title) => (terminal.hasColors ? `\u001b[1m${title}\u001b[22m` : title) })

  program.commandsGroup('Commands:')
  addUploadCommand(program, terminal)
  addDownloadCommand(program, terminal)
  addLsCommand(program, terminal)
  addExperimentsCommand(program, terminal)
  addShowCommand(program, terminal)
  addDiffCommand(program, terminal)
  addVerifyCommand(program, terminal)
  addUrlCommand(program, terminal)
  addPushCommand(program, terminal)
  addArtifactCommand(program, terminal)

  program.commandsGroup('Maintenance commands:')
  addAliasCommand(program, terminal)
  addDescribeCommand(program, terminal)
  addRmCommand(program, terminal)
  addRestoreCommand(program, terminal)
  addSyncCommand(program, terminal)
  addAssetsCommand(program, terminal)

  program.commandsGroup('Setup commands:')
  addLoginCommand(program, terminal)
  addLogoutCommand(program, terminal)
  addInitCommand(program, terminal)
  addServeCommand(program)
  addCompletionCommand(program, terminal)

  reportUnknownOptionsFirst(program)
  return program.addHelpText('after', words)
}

const description = `Versions datasets and models: uploads only what is new, and restores any version bit for bit.

To get started, on this machine only and without an account:
  trackway upload ./data --type dataset --name sample
  trackway ls dataset/sample
  trackway download dataset/sample:V1 ./v1`

const words = `
A version is named type/name[:revision]. The revision is a tag (V2), an alias,
sha256:… or latest, which is the default. The --help of each command shows
examples.`
