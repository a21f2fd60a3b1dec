import { join } from 'node:path'

/** Whether a name is that of a staging folder, beside a target or inside it. */
export function isStagingName(name: string): boolean {
  return /\.trackway-[0-9a-f]{12}$/.test(name)
}

/**
 * The lock of a target into which children are moved. Its name marks it as not content, like that of a
 * staging folder.
 */
export function lockOf(target: string): string {
  return join(target, `.trackway-${'0'.repeat(12)}`)
}
