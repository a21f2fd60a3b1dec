import type { Terminal } from '../terminal/terminal.ts'

const steps = [
  { unit: 'year', ms: 365 * 86_400_000 },
  { unit: 'month', ms: 30 * 86_400_000 },
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
] as const

/** Formats a time: on a terminal how long ago it was, and for programs in ISO 8601. */
export function formatTime({ isRead }: Terminal, time: string): string {
  if (!isRead) return time
  const age = Date.now() - Date.parse(time)
  const step = steps.find(({ ms }) => Math.abs(age) >= ms)
  if (step === undefined) return 'just now'
  return new Intl.RelativeTimeFormat('en').format(-Math.trunc(age / step.ms), step.unit)
}
