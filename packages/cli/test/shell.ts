import { PassThrough, Readable } from 'node:stream'
import { runCommand } from '../src/run-command.ts'
import { prepareUser } from './user.ts'

/** The result of a command. */
export interface Outcome {
  code: number
  out: string
  err: string
}

/** The environment in which a command runs. */
export interface Running {
  /** The content of standard input. */
  input?: string
  /** Whether standard input is a terminal. */
  isInputTerminal?: boolean
  /** What the user types when asked; undefined if nobody can be asked. */
  typed?: string
  /** Whether standard output is a terminal with colors. */
  isTerminal?: boolean
  signal?: AbortSignal
}

/** A user with a folder that holds their configuration and their store. */
export interface Shell {
  folder: string
  /** Runs `trackway` in this process, with the store of the user. */
  run(words: readonly string[], running?: Running): Promise<Outcome>
  /** Like `run`, with `--json`; returns the JSON that was written. */
  json(words: readonly string[]): Promise<Record<string, unknown>>
}

/** Prepares a user for a test, whose commands run in this process. */
export async function prepareShell(): Promise<Shell> {
  const folder = await prepareUser()
  return {
    folder,
    run,
    async json(words) {
      const { code, out, err } = await run([...words, '--json'])
      if (code > 1 || err !== '') throw new Error(`trackway ${words.join(' ')}: ${code} ${err}`)
      return JSON.parse(out) as Record<string, unknown> // `--json` writes an object.
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
    hasColors: isTerminal,
    signal: signal ?? new AbortController().signal,
    endedBy: () => undefined,
  })
  return { code, ...written }
}
