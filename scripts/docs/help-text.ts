/** The commands that a text of help lists. */
export function commandsOfHelp(help: string): string[] {
  const [, section = ''] = /^Commands:\n((?:[ ]{2,}.*\n|\n(?=[ ]))*)/im.exec(`${help}\n`) ?? []
  return [...section.matchAll(/^ {2}([a-z][\w|-]*)/gm)].flatMap(([, name = '']) => name.split('|'))
}

/** The options that a text of help lists, long and short. */
export function optionsOfHelp(help: string): string[] {
  const found = help.matchAll(/^ {2}(-\w|--[\w-]+)(?:, (--[\w-]+))?/gm)
  return [...found].flatMap(([, first, second]) => [first, second]).filter((option) => option !== undefined)
}
