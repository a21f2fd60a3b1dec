import { checkOptions } from '@trackway/protocol/options'
import { appOptionKinds, type AppOptions } from './app-options.ts'
import { createFront } from './front.ts'
import type { Mount } from './mount.ts'
import { createPageAccess } from './page-access.ts'
import { protocolMount } from './protocol-mount.ts'
import { createRouter } from './router.ts'
import { openService } from './service.ts'

/** A Trackway server as a function from requests to responses. It does not listen on a port. */
export interface App {
  /** Answers one request. It never rejects: failures are problems. */
  fetch(request: Request): Promise<Response>
  /** The name of the store that it serves. */
  readonly storeId: string
}

/** What an app serves. */
const mounts: readonly Mount[] = [protocolMount]

/**
 * Opens a store and creates the app that serves it. Throws `store_unsuitable`, `format_unsupported`,
 * `option_invalid`.
 */
export async function createApp(options: AppOptions): Promise<App> {
  checkOptions('createApp', options, appOptionKinds)
  const pages = createPageAccess(options.origins ?? [])
  const service = await openService(options)
  const route = createRouter(mounts.flatMap((mount) => mount(service)))
  return {
    storeId: service.engine.format.storeId,
    fetch: createFront({ route, pages, hidesStore: service.needsKeys }, options),
  }
}
