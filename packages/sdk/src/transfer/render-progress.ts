import { formatBytes } from './format-bytes.ts'
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
 * How far a call is, as one line for a terminal that is so many columns wide: `Uploading dataset/sample ━━━━━━──── 62 %
 * …`. What matters the least goes where there is no room.
 */
export function renderBar(label: string, progress: Progress, columns: number): string {
  const done = Math.round(shareOf(progress) * barWidth)
  const parts = numbersOf(progress)
  const line = () => `${label} ${'━'.repeat(done)}${'─'.repeat(barWidth - done)} ${parts.join(' · ')}`
  while (line().length > columns && parts.length > 1) parts.pop()
  return line()
}

/** The same without the bar, for a log. */
export function renderLine(label: string, progress: Progress): string {
  return `${label}: ${numbersOf(progress).join(' · ')}`
}

/** What a call came to, when it is over. */
export function renderEnd(label: string, progress: Progress): string {
  return `${label}: ${numbersOf(progress).slice(0, -1).join(' · ')}`
}

/** What matters the most comes first. */
function numbersOf(progress: Progress): string[] {
  const { phase, files, totalFiles, bytes, totalBytes, reusedBytes, bytesPerSecond } = progress
  const rest = totalBytes - bytes
  const left = rest > 0 && bytesPerSecond > 0 ? [`${formatSeconds(rest / bytesPerSecond)} left`] : []
  return [
    `${String(Math.floor(shareOf(progress) * 100)).padStart(3)} %`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    ...left,
    `${formatBytes(bytesPerSecond)}/s`,
    `${files.toLocaleString('en')} of ${totalFiles.toLocaleString('en')} files`,
    ...(reusedBytes > 0 ? [`${formatBytes(reusedBytes)} were there`] : []),
    verbs[phase],
  ]
}

/** From 0 to 1. Files count where there are no bytes. */
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
