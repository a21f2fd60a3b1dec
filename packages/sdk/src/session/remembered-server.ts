import * as z from 'zod/mini'
import { textCache } from '#platform'

const folder = 'servers'
const serverSchema = z.object({
  address: z.string(),
  storeId: z.string(),
  user: z.string(),
  team: z.string(),
})

/** What a server said at the last login, so that what lies here can be found without it. */
export type RememberedServer = z.infer<typeof serverSchema>

/** Who logs in where. */
export interface Credentials {
  address: string
  apiKey?: string | undefined
}

/** Takes note of a login. */
export async function rememberServer(credentials: Credentials, server: RememberedServer): Promise<void> {
  await textCache.keep(folder, keyOf(credentials), JSON.stringify(server))
}

export async function recallServer(credentials: Credentials): Promise<RememberedServer | undefined> {
  const text = await textCache.read(folder, keyOf(credentials))
  const result = text === undefined ? undefined : serverSchema.safeParse(JSON.parse(text))
  return result?.success ? result.data : undefined
}

function keyOf({ address, apiKey = '' }: Credentials): string {
  return `${address}\n${apiKey}`
}
