import type { Command, CommanderError, Option } from 'commander'

/**
 * Checks required options just before a command runs: commander would report a missing `--type` first when
 * the mistake is a misspelled `--typ`. Call it once, after all commands were added.
 */
export function reportUnknownOptionsFirst(program: Command): void {
  const required = allCommands(program).map((command) => {
    const options = command.options.filter(({ mandatory }) => mandatory)
    for (const option of options) option.makeOptionMandatory(false)
    return { command, options }
  })
  for (const { command, options } of required) {
    if (options.length === 0) continue
    command.hook('preAction', () => {
      const missing = options.filter((option) => command.getOptionValue(option.attributeName()) === undefined)
      if (missing.length > 0) command.error(missingText(missing))
    })
  }
}

function missingText(options: readonly Option[]): string {
  const flags = options.map((option) => option.flags).join(' and ')
  return options.length === 1 ? `the option ${flags} is required` : `the options ${flags} are required`
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

/** Commander's message about a wrong command line, as one line. */
export function usageMessage({ message }: CommanderError): string {
  return message
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/ \(Did you mean ([^()]*)\?\)$/, '; did you mean $1?')
    .trim()
}
