import { createInterface } from 'node:readline/promises'
import { addAbortSignal, Writable } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import type { Terminal } from './terminal.ts'

/** Asks a question on the terminal. With `secret`, the answer is not echoed. */
export async function ask(terminal: Terminal, question: string, { secret = false } = {}): Promise<string> {
  const { AbortedError } = await import('@trackway/sdk')
  if (secret) terminal.tell(question)
  // The line editor writes its echo here.
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

/** Reads all of standard input, without surrounding whitespace. */
export async function readInput({ input, signal }: Terminal): Promise<string> {
  const { AbortedError } = await import('@trackway/sdk')
  try {
    return (await readText(addAbortSignal(signal, input))).trim()
  } catch (error) {
    throw signal.aborted ? new AbortedError(error) : error
  }
}
