import { join } from 'node:path'

/** Whether a name is that of a staging folder, beside a target or inside. */
export function isStagingName(name: string): boolean {
  return /\.trackway-[0-9a-f]{12}$/.test(name)
}

/** The lock of a target into which children are moved. By its name, as by that of a staging folder, it is not content. */
export function lockOf(target: string): string {
  return join(target, `.trackway-${'0'.repeat(12)}`)
}
