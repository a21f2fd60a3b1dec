import { formatBytes, TrackwayError, type Progress } from '@trackway/sdk'
import { count, find } from './elements.ts'

const panel = find('transfer', HTMLElement)
const title = find('transfer-title', HTMLElement)
const bar = find('bar', HTMLProgressElement)
const numbers = find('numbers', HTMLElement)
const status = find('status', HTMLElement)
const failure = find('failure', HTMLElement)
let current: AbortController | undefined

find('abort', HTMLButtonElement).addEventListener('click', () => current?.abort())

/** The options with which a long call reports progress and can be aborted. */
export interface Watched {
  signal: AbortSignal
  onProgress(progress: Progress): void
}

/** Runs one transfer at a time, shows its progress, and then its result. */
export async function transfer(what: string, work: (watched: Watched) => Promise<string>): Promise<void> {
  if (current !== undefined) return
  const { signal } = (current = new AbortController())
  title.textContent = what
  status.textContent = ''
  numbers.textContent = 'Preparing …'
  bar.removeAttribute('value')
  panel.hidden = false
  document.body.setAttribute('aria-busy', 'true')
  try {
    await attempt(() => work({ signal, onProgress }))
  } finally {
    current = undefined
    panel.hidden = true
    document.body.removeAttribute('aria-busy')
  }
}

/** Runs work, and shows its message, if it returns one, or its error. */
export async function attempt(work: () => Promise<string | void>): Promise<void> {
  failure.textContent = ''
  try {
    const message = await work()
    if (message !== undefined) status.textContent = message
  } catch (error) {
    if (TrackwayError.hasCode(error, 'aborted')) status.textContent = 'Aborted.'
    else failure.textContent = error instanceof Error ? error.message : String(error)
  }
}

function onProgress({ bytes, totalBytes, files, totalFiles, bytesPerSecond }: Progress): void {
  bar.max = Math.max(totalBytes, 1)
  bar.value = bytes
  numbers.textContent = [
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    `${formatBytes(bytesPerSecond)}/s`,
    `${files} of ${count(totalFiles, 'file')}`,
  ].join(' · ')
}
