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

/** How far a call is, as a line for a terminal: `Uploading dataset/sample ━━━━━━──── 62 % …`. */
export function renderBar(label: string, progress: Progress): string {
  const done = Math.round(shareOf(progress) * barWidth)
  return `${label} ${'━'.repeat(done)}${'─'.repeat(barWidth - done)} ${renderNumbers(progress)}`
}

/** The same without the bar, for a log. */
export function renderLine(label: string, progress: Progress): string {
  return `${label}: ${renderNumbers(progress)}`
}

function renderNumbers(progress: Progress): string {
  const { phase, files, totalFiles, bytes, totalBytes, reusedBytes, bytesPerSecond } = progress
  const parts = [
    `${String(Math.floor(shareOf(progress) * 100)).padStart(3)} %`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    `${files.toLocaleString('en')} of ${totalFiles.toLocaleString('en')} files`,
    `${formatBytes(bytesPerSecond)}/s`,
  ]
  if (reusedBytes > 0) parts.push(`${formatBytes(reusedBytes)} were there`)
  const rest = totalBytes - bytes
  if (rest > 0 && bytesPerSecond > 0) parts.push(`${formatSeconds(rest / bytesPerSecond)} left`)
  return `${parts.join(' · ')} · ${verbs[phase]}`
}

/** From 0 to 1. Files count where there are no bytes. */
function shareOf({ files, totalFiles, bytes, totalBytes }: Progress): number {
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
