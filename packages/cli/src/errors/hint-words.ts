import type { Hint, HintedOption, TrackwayError } from '@trackway/sdk'
import { hintWords } from '@trackway/server/command'

const flags: Record<HintedOption, string> = {
  description: '--description',
  exclude: '--exclude',
  experiment: '--experiment',
  host: '--host',
  ignore: '--ignore',
  into: '--to-team, --to-experiment or --to-name',
  keep: '--keep',
  maxBytes: '--max-bytes',
  metadata: '--metadata',
  name: '--as',
  overwrite: '--overwrite',
  tag: '--tag',
  to: '--to',
}

/** An error's message with its hint, worded for the command line. */
export function withHint({ reason, hint }: TrackwayError): string {
  return hint === undefined ? reason : `${reason}; ${wordsOf(hint)}`
}

/** A hint as a separate sentence. */
export function hintSentence(hint: Hint): string {
  const words = wordsOf(hint)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function wordsOf(hint: Hint): string {
  if (hint.kind === 'path') return 'upload a folder in which each file has its own path'
  if (hint.kind === 'apiKey') return 'run trackway login to save one, or set TRACKWAY_API_KEY'
  return hintWords(hint, (name, value) =>
    typeof value === 'string' ? `${flags[name]} ${value}` : flags[name],
  )
}
