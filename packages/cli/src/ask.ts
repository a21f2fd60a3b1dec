import { createInterface } from 'node:readline/promises'
import { addAbortSignal, Writable } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import type { Terminal } from './terminal.ts'

/** Asks a person something; what is typed in answer to a secret question is not shown. */
export async function ask(terminal: Terminal, question: string, { secret = false } = {}): Promise<string> {
  const { AbortedError } = await import('@trackway/sdk')
  if (secret) terminal.tell(question)
  // What the line editor would show comes here.
  const output = new Writable({
    write(piece: Buffer, _encoding, done) {
      if (!secret) terminal.tell(piece.toString())
      done()
    },
  })
  const line = createInterface({ input: terminal.input, output, terminal: true })
  const ending = new AbortController()
  line.on('SIGINT', () => ending.abort())
  line.on('close', () => ending.abort())
  try {
    return await line.question(secret ? '' : question, {
      signal: AbortSignal.any([ending.signal, terminal.signal]),
    })
  } catch (error) {
    throw new AbortedError(error)
  } finally {
    line.close()
    if (secret) terminal.tell('\n')
  }
}

/** All that comes from standard input, without the line's end. */
export async function readInput({ input, signal }: Terminal): Promise<string> {
  const { AbortedError } = await import('@trackway/sdk')
  try {
    return (await readText(addAbortSignal(signal, input))).trim()
  } catch (error) {
    throw signal.aborted ? new AbortedError(error) : error
  }
}
