// The one place that names every resource. The file of a resource holds its documents, as stored and as sent,
// its types, and its routes with what each does.
import type { Parameter } from './parameter.ts'
import { aliasParameters, aliasRoutes, aliasSummaries } from './resources/aliases.ts'
import { artifactParameters, artifactRoutes, artifactSummaries } from './resources/artifacts.ts'
import { blobParameters, blobRoutes, blobSummaries } from './resources/blobs.ts'
import { experimentParameters, experimentRoutes, experimentSummaries } from './resources/experiments.ts'
import { fileParameters, fileRoutes, fileSummaries } from './resources/files.ts'
import { keyRoutes, keySummaries } from './resources/keys.ts'
import { lineageRoutes, lineageSummaries } from './resources/lineage.ts'
import { manifestRoutes, manifestSummaries } from './resources/manifests.ts'
import { retentionRoutes, retentionSummaries } from './resources/retention.ts'
import { runParameters, runRoutes, runSummaries } from './resources/runs.ts'
import { serviceRoutes, serviceSummaries } from './resources/service.ts'
import { versionParameters, versionRoutes, versionSummaries } from './resources/versions.ts'

export * from './resources/aliases.ts'
export * from './resources/artifacts.ts'
export * from './resources/blobs.ts'
export * from './resources/experiments.ts'
export * from './resources/files.ts'
export * from './resources/keys.ts'
export * from './resources/lineage.ts'
export * from './resources/manifests.ts'
export * from './resources/retention.ts'
export * from './resources/runs.ts'
export * from './resources/service.ts'
export * from './resources/sweeps.ts'
export * from './resources/versions.ts'

/** Every route of the protocol, by name. */
export const routes = {
  ...serviceRoutes,
  ...keyRoutes,
  ...blobRoutes,
  ...manifestRoutes,
  ...experimentRoutes,
  ...runRoutes,
  ...lineageRoutes,
  ...artifactRoutes,
  ...versionRoutes,
  ...fileRoutes,
  ...retentionRoutes,
  ...aliasRoutes,
}

/** The name of a route. */
export type RouteName = keyof typeof routes

// Only servers need what follows. Bundlers leave out a call that is marked as pure, but not an object that is
// made of others.

/** The parameters of paths, by name. */
export const routeParameters = /* @__PURE__ */ (() => ({
  ...experimentParameters,
  ...artifactParameters,
  ...versionParameters,
  ...aliasParameters,
  ...runParameters,
  ...blobParameters,
  ...fileParameters,
}))() satisfies Record<string, Parameter<unknown>>

/** What each route does, for the OpenAPI document. */
export const routeSummaries: Record<RouteName, string> = /* @__PURE__ */ (() => ({
  ...serviceSummaries,
  ...keySummaries,
  ...blobSummaries,
  ...manifestSummaries,
  ...experimentSummaries,
  ...runSummaries,
  ...lineageSummaries,
  ...artifactSummaries,
  ...versionSummaries,
  ...fileSummaries,
  ...retentionSummaries,
  ...aliasSummaries,
}))()
