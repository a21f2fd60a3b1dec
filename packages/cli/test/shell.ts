import { PassThrough, Readable } from 'node:stream'
import { runCommand } from '../src/run-command.ts'
import { prepareUser } from './user.ts'

/** What a command came to. */
export interface Outcome {
  code: number
  out: string
  err: string
}

/** How a command is run. */
export interface Running {
  /** What standard input holds. */
  input?: string
  /** Whether standard input is a terminal. */
  isInputTerminal?: boolean
  /** What is typed when something is asked; undefined: nobody is there. */
  typed?: string
  /** Whether standard output is a terminal with colours. */
  isTerminal?: boolean
  signal?: AbortSignal
}

/** A user with a folder of their own, in which their configuration and the store lie. */
export interface Shell {
  folder: string
  /** Runs `trackway` in this process, with the store of the user. */
  run(words: readonly string[], running?: Running): Promise<Outcome>
  /** As `run`, and answers the JSON that it wrote. */
  json(words: readonly string[]): Promise<Record<string, unknown>>
}

/** Prepares a user for a test, who runs commands in this process. */
export async function prepareShell(): Promise<Shell> {
  const folder = await prepareUser()
  return {
    folder,
    run,
    async json(words) {
      const { code, out, err } = await run([...words, '--json'])
      if (code > 1 || err !== '') throw new Error(`trackway ${words.join(' ')}: ${code} ${err}`)
      return JSON.parse(out) as Record<string, unknown> // What the command writes with --json.
    },
  }
}

/** Runs `trackway` in this process. */
async function run(
  words: readonly string[],
  { input = '', isInputTerminal = false, typed, isTerminal = false, signal }: Running = {},
): Promise<Outcome> {
  const written = { out: '', err: '' }
  const typing = new PassThrough()
  const given = Object.assign(Readable.from([Buffer.from(input)]), { isTTY: isInputTerminal })
  const code = await runCommand(words, {
    input: typed === undefined ? given : typing,
    out: (text) => void (written.out += text),
    tell(text) {
      written.err += text
      if (typed !== undefined && /[:\]] $/.test(written.err)) typing.write(`${typed}\r`)
    },
    isRead: isTerminal,
    canAsk: typed !== undefined,
    hasColours: isTerminal,
    signal: signal ?? new AbortController().signal,
    endedBy: () => undefined,
  })
  return { code, ...written }
}
