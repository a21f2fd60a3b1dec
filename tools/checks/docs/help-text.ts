/** The commands that a text of help lists, in one group (`Commands:`) or in several (`Commands for upkeep:`). */
export function commandsOfHelp(help: string): string[] {
  const sections = `${help}\n`.matchAll(/^Commands\b.*:\n((?:[ ]{2,}.*\n|\n(?=[ ]))*)/gim)
  return [...sections].flatMap(([, section = '']) =>
    [...section.matchAll(/^ {2}([a-z][\w|-]*)/gm)].flatMap(([, name = '']) => name.split('|')),
  )
}

/** The options that a text of help lists, long and short. */
export function optionsOfHelp(help: string): string[] {
  const found = help.matchAll(/^ {2}(-\w|--[\w-]+)(?:, (--[\w-]+))?/gm)
  return [...found].flatMap(([, first, second]) => [first, second]).filter((option) => option !== undefined)
}
