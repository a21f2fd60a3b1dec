import { Argument, type Command } from 'commander'
import { findCandidates } from '../completion/find-candidates.ts'
import { shellScripts } from '../completion/shell-scripts.ts'
import { examples } from '../output/examples.ts'
import type { Terminal } from '../terminal/terminal.ts'

export function addCompletionCommand(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .summary('print the completion script for a shell')
    .description(
      'Print the script with which a shell completes commands, options, and the names of experiments, artifacts and versions.',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(shellScripts)))
    .addHelpText(
      'after',
      examples(
        ['source <(trackway completion bash)', 'in ~/.bashrc, or ~/.zshrc with zsh'],
        ['trackway completion fish > ~/.config/fish/completions/trackway.fish', 'with fish'],
      ),
    )
    .action((shell: keyof typeof shellScripts) => terminal.out(shellScripts[shell]))
  // The completion scripts call this command.
  program
    .command('complete', { hidden: true })
    .description('Print candidates for the last word, each followed by a tab and a description')
    .argument('[words...]', 'the words so far, after --')
    .action(async (words: string[]) => {
      const candidates = await findCandidates(program, words)
      for (const { value, about } of candidates) terminal.out(`${value}\t${about}\n`)
    })
}
