import { formatBytes, printable } from '@trackway/protocol'
import stringWidth from 'string-width'
import type { Progress } from './progress.ts'

const barWidth = 24
const verbs: Record<Progress['phase'], string> = {
  read: 'reading and sending',
  upload: 'sending',
  commit: 'making the version',
  download: 'downloading',
  verify: 'comparing',
}

/**
 * The progress of a call, as one line for a terminal of this many columns: `Uploading dataset/sample
 * ━━━━━━──── 62 % …`. If there is not enough room, the least important parts are left out, then the bar, then
 * the beginning of the label.
 */
export function renderBar(label: string, progress: Progress, columns: number): string {
  const done = Math.round(shareOf(progress) * barWidth)
  const bar = `${'━'.repeat(done)}${'─'.repeat(barWidth - done)}`
  return (
    fit(`${printable(label)} ${bar} `, numbersOf(progress), columns) ?? fitShort(label, progress, columns)
  )
}

/** The outcome of a call, as one line for a terminal of this many columns. */
export function renderEndIn(label: string, progress: Progress, columns: number): string {
  const numbers = numbersOf(progress).slice(0, -1)
  return fit(`${printable(label)}: `, numbers, columns) ?? fitShort(label, progress, columns)
}

/** As many of the parts as there is room for; undefined if there is no room for the first. */
function fit(beginning: string, parts: readonly string[], columns: number): string | undefined {
  for (let count = parts.length; count > 0; count -= 1) {
    const line = beginning + parts.slice(0, count).join(' · ')
    if (stringWidth(line) <= columns) return line
  }
  return undefined
}

/** The end of the label, which names the subject, and the progress. */
function fitShort(label: string, progress: Progress, columns: number): string {
  const share = `${Math.floor(shareOf(progress) * 100)} %`
  const room = columns - stringWidth(share) - 1
  const characters = Array.from(new Intl.Segmenter().segment(printable(label)), ({ segment }) => segment)
  if (stringWidth(characters.join('')) <= room) return `${characters.join('')} ${share}`
  while (characters.length > 0 && stringWidth(characters.join('')) > room - 1) characters.shift()
  return characters.length === 0 ? share.slice(0, columns) : `…${characters.join('')} ${share}`
}

/** The same without the bar, for a log. */
export function renderLine(label: string, progress: Progress): string {
  return `${printable(label)}: ${numbersOf(progress).join(' · ')}`
}

/** The outcome of a call, when it is over. */
export function renderEnd(label: string, progress: Progress): string {
  return `${printable(label)}: ${numbersOf(progress).slice(0, -1).join(' · ')}`
}

/** The most important parts come first. */
function numbersOf(progress: Progress): string[] {
  const { phase, files, totalFiles, bytes, totalBytes, bytesPerSecond } = progress
  const rest = totalBytes - bytes
  const left = rest > 0 && bytesPerSecond > 0 ? [`${formatSeconds(rest / bytesPerSecond)} left`] : []
  return [
    `${String(Math.floor(shareOf(progress) * 100)).padStart(3)} %`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    ...left,
    `${formatBytes(bytesPerSecond)}/s`,
    `${files.toLocaleString('en')} of ${totalFiles.toLocaleString('en')} files`,
    ...savedOf(progress),
    verbs[phase],
  ]
}

/** What did not have to be transferred, and why. */
function savedOf({ phase, reusedBytes, duplicateBytes }: Progress): string[] {
  const there = reusedBytes - duplicateBytes
  return [
    ...(there > 0 ? [`${formatBytes(there)} ${phase === 'download' ? 'here' : 'stored'} already`] : []),
    ...(duplicateBytes > 0 ? [`${formatBytes(duplicateBytes)} of duplicates`] : []),
  ]
}

/** From 0 to 1. Files count if there are no bytes. */
export function shareOf({ files, totalFiles, bytes, totalBytes }: Progress): number {
  const share = totalBytes > 0 ? bytes / totalBytes : totalFiles > 0 ? files / totalFiles : 1
  return Math.min(1, share)
}

/** Seconds as people read them: `12 s`, `3 min 5 s`, `2 h 10 min`. */
function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
