import type { Command } from 'commander'

/** Every command works on a folder or a bucket that a server serves, or could. */
export function withData(command: Command): Command {
  return command.requiredOption(
    '--data <place>',
    'the folder that the server serves, or the bucket: s3://bucket/prefix?endpoint=…&region=…',
  )
}

/** A number of bytes, for people. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
