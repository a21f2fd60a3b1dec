import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Addresses } from './addresses.ts'
import type { Outcome } from './scenario.ts'

const patienceMs = 240_000

/** Runs the program of scenarios with a command. Rejects if it fails or does not end. */
export function runProgram([command = '', ...words]: string[]) {
  return async ({ host, apiKey, control }: Addresses, tell: (outcome: Outcome) => void): Promise<void> => {
    const home = await mkdtemp(join(tmpdir(), 'trackway-runtimes-home-'))
    const child = spawn(command, words, {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        TRACKWAY_HOST: host,
        TRACKWAY_API_KEY: apiKey,
        RUNTIMES_CONTROL: control,
        RUNTIMES_WORDS: JSON.stringify(words),
      },
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    try {
      // The program writes nothing else.
      createInterface({ input: child.stdout }).on('line', (line) => tell(JSON.parse(line) as Outcome))
      const code = await new Promise((resolve, reject) => {
        child.on('error', reject)
        child.on('close', resolve)
      })
      if (code !== 0) throw new Error(`${command} ended with ${String(code)}`)
    } finally {
      clearTimeout(timer)
      await rm(home, { recursive: true, force: true })
    }
  }
}
