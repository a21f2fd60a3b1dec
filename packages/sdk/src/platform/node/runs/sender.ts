import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Reach } from '../../run-keeper.ts'
import { hasEnded } from '../../../disk/files/processes.ts'
import { ownerId } from './spool-folder.ts'

/** What a sender is to do: a line of its standard input, which ends with the process that started it. */
export interface SenderTask {
  /** The process whose spools are sent. */
  owner: string
  /** The module that sends them. */
  sender: string
  reach: Reach
}

/** What the module of a sender exports. */
export interface SenderModule {
  /** Loads what sending needs, so that it does not take long later. */
  prepareToSend(reach: Reach): Promise<void>
  sendLeftBehind(reach: Reach): Promise<void>
}

/** Milliseconds between two looks at what a sender has done. */
const lookMs = 10

let sender: { child: ChildProcess; tasks: Set<string> } | undefined
let users = 0

/**
 * Starts a process that sends the spools of this one once it is gone, however that happens: no signal has to
 * be handled for it. Returns a function that ends it if nothing else needs it.
 */
export function watchWithSender(reach: Reach, module: string | undefined): () => void {
  if (module === undefined) return () => {}
  const line = JSON.stringify({ owner: ownerId, sender: module, reach } satisfies SenderTask)
  users += 1
  try {
    sender ??= startSender()
    if (sender !== undefined && !sender.tasks.has(line)) sender.child.stdin?.write(`${line}\n`)
    sender?.tasks.add(line)
  } catch {
    // A system that starts no processes: the next run on this machine sends what this one leaves.
  }
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    users -= 1
    if (users === 0) end()
  }
}

/** Has these spools sent, and waits for that for at most `ms` milliseconds, without the event loop. */
export function sendBlocking(spools: readonly string[], ms: number): void {
  const pid = sender?.child.pid
  if (pid === undefined) return
  dismiss()
  const until = performance.now() + ms
  const clock = new Int32Array(new SharedArrayBuffer(4))
  while (spools.some((path) => existsSync(path)) && performance.now() < until && !hasEnded(pid))
    Atomics.wait(clock, 0, 0, lookMs)
}

/** Nothing is left to send. The end of its input would have it look, and send what the next run logs. */
function end(): void {
  sender?.child.kill('SIGKILL')
  sender = undefined
}

/** The end of its input is what a sender waits for. */
function dismiss(): void {
  sender?.child.stdin?.destroy()
  sender = undefined
}

function startSender(): typeof sender {
  // Deno asks its user before it starts a process.
  if ('Deno' in globalThis) return undefined
  const file = senderFile()
  if (!existsSync(file)) return undefined // In a bundle.
  // In a session of its own, so that what is typed into the terminal does not end it.
  const child = spawn(process.execPath, [...conditionsFor(file), file], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, // Electron would start its application again.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  })
  child.unref()
  // A pipe is a socket, which does not keep the process alive either.
  const { stdin } = child
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref()
  stdin?.on('error', () => {})
  child.on('error', () => {})
  return { child, tasks: new Set() }
}

function senderFile(): string {
  const url: string = import.meta.url // In a variable, or webpack would look for the file during the build.
  return fileURLToPath(new URL(url.endsWith('.ts') ? './trackway-sender.ts' : './trackway-sender.js', url))
}

function conditionsFor(file: string): string[] {
  return file.endsWith('.ts') ? ['--conditions=@trackway/source'] : []
}
