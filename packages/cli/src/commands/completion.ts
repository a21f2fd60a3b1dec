import { Argument, type Command } from 'commander'
import { findCandidates } from '../completion/find-candidates.ts'
import { shellScripts } from '../completion/shell-scripts.ts'
import { examples } from '../output/examples.ts'
import type { Terminal } from '../terminal.ts'

export function addCompletionCommand(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .summary('write the completion script of a shell')
    .description(
      'Write the script that lets a shell complete commands, options and the names of what is stored.',
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
  // What those scripts ask.
  program
    .command('complete', { hidden: true })
    .description('Write what may stand in place of the last word, each with what it is behind a tab')
    .argument('[words...]', 'the words so far, behind --')
    .action(async (words: string[]) => {
      const candidates = await findCandidates(program, words)
      for (const { value, about } of candidates) terminal.out(`${value}\t${about}\n`)
    })
}
