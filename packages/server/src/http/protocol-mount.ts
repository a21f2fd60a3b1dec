import { apiBase, routes, type RouteName } from '@trackway/protocol'
import { handle, type RouteHandlers } from './handle.ts'
import { aliasHandlers } from './handlers/aliases.ts'
import { artifactHandlers } from './handlers/artifacts.ts'
import { blobHandlers } from './handlers/blobs.ts'
import { experimentHandlers } from './handlers/experiments.ts'
import { fileHandlers } from './handlers/files.ts'
import { keyHandlers } from './handlers/keys.ts'
import { lineageHandlers } from './handlers/lineage.ts'
import { manifestHandlers } from './handlers/manifests.ts'
import { retentionHandlers } from './handlers/retention.ts'
import { runHandlers } from './handlers/runs.ts'
import { serviceHandlers } from './handlers/service.ts'
import { versionHandlers } from './handlers/versions.ts'
import type { MountedRoute } from './mount.ts'
import type { Service } from './service.ts'

/** A handler for each route of the protocol. */
const handlers: RouteHandlers<typeof routes> = {
  ...serviceHandlers,
  ...keyHandlers,
  ...blobHandlers,
  ...manifestHandlers,
  ...experimentHandlers,
  ...runHandlers,
  ...lineageHandlers,
  ...artifactHandlers,
  ...versionHandlers,
  ...fileHandlers,
  ...retentionHandlers,
  ...aliasHandlers,
}

/** Ending a run or moving an alias is small, and is stored whatever a quota says. */
const exempt: ReadonlySet<RouteName> = new Set(['finishRun', 'moveAlias'])

/** The routes of the protocol. */
export function protocolMount(service: Service): MountedRoute[] {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Ties a route to its own handler.
  const mounted = <Name extends RouteName>(name: Name) =>
    handle(service, routes[name], handlers[name], { base: apiBase, isExempt: exempt.has(name) })
  return Object.keys(routes).flatMap((name) => (isRouteName(name) ? mounted(name) : []))
}

function isRouteName(name: string): name is RouteName {
  return Object.hasOwn(routes, name)
}
