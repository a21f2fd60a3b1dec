// Commands that other programs embed, and helpers that all commands share.
export { nearestHint, nearestNames } from '@trackway/protocol/nearest'
export { hintOfNames, hintWords, isAddress, isBucketAddress, nearestPaths } from '@trackway/protocol'
export { printable, printableJson } from '@trackway/protocol/printable'
export { parseSize } from './parse-size.ts'
export { addServeCommand } from './serve-command.ts'
export { reportUnknownOptionsFirst, usageMessage } from './usage.ts'
export { watchOutput } from './watch-output.ts'
