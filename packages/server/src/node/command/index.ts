// Commands for programs that have others beside them, and what all commands have in common.
export { nearestHint, nearestNames } from '@trackway/protocol/nearest'
export { hintWords } from '@trackway/protocol'
export { printable, printableJson } from '@trackway/protocol/printable'
export { parseSize } from './parse-size.ts'
export { addServeCommand } from './serve-command.ts'
export { reportUnknownOptionsFirst, usageMessage } from './usage.ts'
export { watchOutput } from './watch-output.ts'
