import * as z from 'zod/mini'
import { textCache } from '#platform'

const folder = 'servers'
const serverSchema = z.object({
  address: z.string(),
  storeId: z.string(),
  user: z.string(),
  team: z.string(),
})

/** What a server said at the last login, so that local data can be found without it. */
export type RememberedServer = z.infer<typeof serverSchema>

/** The user, the host and the key of a login. */
export interface Credentials {
  address: string
  apiKey?: string | undefined
}

/** Records a login. */
export async function rememberServer(credentials: Credentials, server: RememberedServer): Promise<void> {
  await textCache?.keep(folder, keyOf(credentials), JSON.stringify(server))
}

export async function recallServer(credentials: Credentials): Promise<RememberedServer | undefined> {
  const text = await textCache?.read(folder, keyOf(credentials))
  const result = text === undefined ? undefined : serverSchema.safeParse(JSON.parse(text))
  return result?.success ? result.data : undefined
}

function keyOf({ address, apiKey = '' }: Credentials): string {
  return `${address}\n${apiKey}`
}
