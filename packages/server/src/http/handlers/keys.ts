import type { keyRoutes } from '@trackway/protocol'
import { describeCaller } from '../../auth/caller.ts'
import type { RouteHandlers } from '../handle.ts'
import { json } from '../json-response.ts'

export const keyHandlers: RouteHandlers<typeof keyRoutes> = {
  getMe: ({ caller }) => json(describeCaller(caller)),
}
