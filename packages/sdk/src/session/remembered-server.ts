import { digestHex, sha256 } from '@trackway/protocol'
import * as z from 'zod/mini'
import { keepChecked, readChecked } from '../content/checked-cache.ts'

const folder = 'servers'
const serverSchema = z.object({
  host: z.string(),
  storeId: z.string(),
  user: z.string(),
  team: z.string(),
})

/** What a server said at the last login, so that what lies here can be found without it. */
export type RememberedServer = z.infer<typeof serverSchema>

/** Who logs in where. */
export interface Credentials {
  host: string
  apiKey?: string | undefined
}

/** Takes note of a login. Nothing of the key is written but that it is part of a name that nobody can turn back. */
export async function rememberServer(credentials: Credentials, server: RememberedServer): Promise<void> {
  await keepChecked(folder, nameOf(credentials), JSON.stringify(server))
}

export async function recallServer(credentials: Credentials): Promise<RememberedServer | undefined> {
  const text = await readChecked(folder, nameOf(credentials))
  const result = text === undefined ? undefined : serverSchema.safeParse(JSON.parse(text))
  return result?.success ? result.data : undefined
}

function nameOf({ host, apiKey = '' }: Credentials): string {
  return digestHex(sha256(new TextEncoder().encode(`${host}\n${apiKey}`)))
}
