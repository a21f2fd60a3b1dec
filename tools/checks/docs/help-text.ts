/** The commands that a help text lists, in one group (`Commands:`) or in several (`Setup commands:`). */
export function commandsOfHelp(help: string): string[] {
  const sections = `${help}\n`.matchAll(/^(?:\w+ )?commands\b.*:\n((?:[ ]{2,}.*\n|\n(?=[ ]))*)/gim)
  return [...sections].flatMap(([, section = '']) =>
    [...section.matchAll(/^ {2}([a-z][\w|-]*)/gm)].flatMap(([, name = '']) => name.split('|')),
  )
}

/** The options that a help text lists, long and short. */
export function optionsOfHelp(help: string): string[] {
  const found = help.matchAll(/^ {2}(-\w|--[\w-]+)(?:, (--[\w-]+))?/gm)
  return [...found].flatMap(([, first, second]) => [first, second]).filter((option) => option !== undefined)
}
