import type { Command, Option } from 'commander'
import type { Candidate } from './candidate.ts'
import { findExperiments } from './find-experiments.ts'
import { findSpecs } from './find-specs.ts'

/** The meaning of the words typed so far. */
interface Reached {
  command: Command
  /** How many arguments of the command are typed already. */
  count: number
  /** An option whose value comes next. */
  open: Option | undefined
  /** The values of options, by their attribute names. */
  values: Record<string, string>
}

/** Candidates for the last word, which is empty if a new word begins. None: a path, or anything, fits. */
export async function findCandidates(program: Command, words: readonly string[]): Promise<Candidate[]> {
  const current = words.at(-1) ?? ''
  const { command, count, open, values } = follow(program, words.slice(0, -1))
  const fits = ({ value }: Candidate) => value.startsWith(current)
  if (open?.attributeName() === 'experiment') return (await findExperiments(values)).filter(fits)
  if (open !== undefined) return (open.argChoices ?? []).map((value) => ({ value, about: '' })).filter(fits)
  const help = command.createHelp()
  if (current.startsWith('-')) {
    return help
      .visibleOptions(command)
      .map(({ long, description }) => ({ value: long ?? '', about: description }))
      .filter(fits)
  }
  if (command.commands.length > 0) {
    return help
      .visibleCommands(command)
      .map((each) => ({ value: each.name(), about: help.subcommandDescription(each) }))
      .filter(fits)
  }
  const argument = command.registeredArguments[count]
  if (argument?.argChoices) return argument.argChoices.map((value) => ({ value, about: '' })).filter(fits)
  if (argument === undefined || !/spec/.test(argument.name())) return []
  return (await findSpecs(current, values)).filter(fits)
}

function follow(program: Command, words: readonly string[]): Reached {
  const reached: Reached = { command: program, count: 0, open: undefined, values: {} }
  for (const word of words) {
    if (reached.open !== undefined) {
      reached.values[reached.open.attributeName()] = word
      reached.open = undefined
    } else if (word.startsWith('-')) {
      const [name, value] = word.split(/=(.*)/s)
      const option = reached.command.options.find(({ long, short }) => long === name || short === name)
      if (option?.required && value === undefined) reached.open = option
      else if (option !== undefined && value !== undefined) reached.values[option.attributeName()] = value
    } else {
      const inner = reached.command.commands.find((each) => each.name() === word)
      if (inner === undefined) reached.count += 1
      else reached.command = inner
    }
  }
  return reached
}
