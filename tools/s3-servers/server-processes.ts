import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const runner = fileURLToPath(new URL('while-input-is-open.sh', import.meta.url))
const secondsToRun = 30

/** The processes of one server and their temporary folder. They end with this process, however it ends. */
export class ServerProcesses {
  readonly folder: string
  readonly #running = new Set<ChildProcess>()
  readonly #endedEarly = new AbortController()
  #stopping = false

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `trackway-${name}-`))
  }

  /** Aborted when a program ends without being stopped; the reason says which. */
  get endedEarly(): AbortSignal {
    return this.#endedEarly.signal
  }

  /** Starts a program that runs until `stop`. */
  start(program: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    this.#spawn(program, words, env).on('exit', (code) => {
      if (!this.#stopping) this.#endedEarly.abort(new Error(`${program} ended with exit code ${code}`))
    })
  }

  /** Runs a command that ends by itself. Throws an Error if it fails, or takes longer than half a minute. */
  async run(program: string, ...words: string[]): Promise<void> {
    const child = this.#spawn(program, words, {})
    const late = setTimeout(() => child.stdin?.end(), secondsToRun * 1000)
    const [code]: (number | null)[] = await once(child, 'exit')
    clearTimeout(late)
    if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with exit code ${code}`)
  }

  /** The last lines of the programs' output and logs. */
  lastLines(): string {
    const names = existsSync(this.folder) ? readdirSync(this.folder) : []
    const logs = names.filter((name) => name.endsWith('.log'))
    const tail = (name: string) => readFileSync(join(this.folder, name), 'utf8').trim().split('\n').slice(-8)
    return logs.flatMap((name) => [`--- ${name}`, ...tail(name)]).join('\n')
  }

  /** Ends every program and removes the folder. */
  async stop(): Promise<void> {
    this.#stopping = true
    const ends = [...this.#running].map((child) => once(child, 'exit'))
    for (const child of this.#running) child.stdin?.end()
    await Promise.all(ends)
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** The program's output is written to a log in the folder. */
  #spawn(program: string, words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const log = openSync(join(this.folder, 'printed.log'), 'a')
    const child = spawn('sh', [runner, this.folder, program, ...words], {
      cwd: this.folder,
      stdio: ['pipe', log, log],
      env: { ...process.env, ...env },
      detached: true, // Ctrl-C in a terminal is for the command that uses the server.
    })
    closeSync(log)
    child.stdin?.on('error', () => undefined) // The program is gone already.
    this.#running.add(child)
    child.on('exit', () => this.#running.delete(child))
    return child
  }
}
