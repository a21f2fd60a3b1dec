import { spawn } from 'node:child_process'

const mostMs = 120_000

/** Options for running a command. */
export interface RunOptions {
  cwd: string
  env?: Record<string, string>
}

/** Runs a command and returns its output. If it fails or does not end, throws an error with the output. */
export async function run(words: readonly string[], { cwd, env }: RunOptions): Promise<string> {
  const { code, output } = await runToEnd(words, { cwd, ...(env && { env }) })
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${output}`)
  return output
}

/** Runs a command that may fail. */
export function runToEnd(
  words: readonly string[],
  { cwd, env = {} }: RunOptions,
): Promise<{ code: number | null; output: string }> {
  const [program = '', ...rest] = words
  const child = spawn(program, rest, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: mostMs,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
