import { TrackwayError } from './errors.ts'

const oldest = { major: 22, minor: 18 }

/** Throws `config_invalid` on a Node that is too old for a package. Other runtimes only claim to be Node. */
export function checkNode(packageName: string): void {
  const versions: Record<string, string | undefined> =
    // In pages, bundlers provide a process without versions.
    typeof process === 'undefined' ? {} : (process.versions ?? {})
  const { node, bun, deno } = versions
  if (node === undefined || bun !== undefined || deno !== undefined) return
  const [major = 0, minor = 0] = node.split('.').map(Number)
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return
  throw new TrackwayError(
    'config_invalid',
    `${packageName} needs Node ${oldest.major}.${oldest.minor} or newer; this is ${node}`,
  )
}
