import { InvalidArgumentError } from 'commander'

/** Parses a port; 0 means a free one. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('The port is a number from 0 to 65535.')
}
