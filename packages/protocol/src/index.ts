// Rules for digests, names, tags and paths.
export { digestHex, digestSchema, isDigest, parseDigest, type Digest } from './digest.ts'
export { createSha256, sha256, type Sha256 } from './sha256.ts'
export {
  aliasNameSchema,
  artifactNameProblem,
  artifactNameSchema,
  foldName,
  nameProblem,
  nameSchema,
  parseArtifactName,
  parseName,
  type NameKind,
} from './names.ts'
export {
  formatSpec,
  formatTag,
  maxTagNumber,
  parseRevision,
  parseTag,
  tagNumber,
  tagSchema,
  type Revision,
  type Spec,
  type Tag,
} from './revision.ts'
export { parseSpec } from './parse-spec.ts'
export { comparePaths, createPathWatch, parsePath, pathProblem, pathSchema } from './paths.ts'
export { nearestPaths } from './nearest-paths.ts'
export { refusedPorts } from './refused-ports.ts'
export { safeParse } from './safe-parse.ts'
export { equalJson } from './equal-json.ts'
export { metadataProblem, metadataSchema, type JsonValue, type Metadata } from './metadata.ts'
export {
  defaultLimits,
  limitsSchema,
  maxAliases,
  maxDocumentBytes,
  maxSignedUrls,
  maxSignedUrlSeconds,
  maxPresignedUrls,
  maxMetadataBytes,
  maxMetadataDepth,
  maxRunErrorLength,
  type Limits,
} from './limits.ts'

export { demandText } from './demand-text.ts'
export { withoutUndefined } from './without-undefined.ts'
export { holdTo, problemsOf } from './hold-to.ts'

// Errors, and their form on the wire.
export { brandOf, isBytes, isError, messageOf, withArticle } from './brand.ts'
export { errorTitles } from './error-titles.ts'
export { errorCodes, TrackwayError, type ErrorCode, type TrackwayErrorOptions } from './errors.ts'
export {
  hintOfNames,
  hintWords,
  type ApiKeyHint,
  type Hint,
  type HintedOption,
  type NearestHint,
  type OmitHint,
  type OptionHint,
  type PathHint,
} from './hint.ts'
export { isAddress, isBucketAddress, isBucketName, withoutSecrets } from './address.ts'
export { isRefusedByFetch } from './fetch-ports.ts'
export { lastSegmentOf, objectKeyOf, parseDataAddress, secretIn } from './data-address.ts'
export { checkNode } from './check-node.ts'
export { printable } from './printable.ts'
export { fromProblem, problemMediaType, problemSchema, toProblem, type Problem } from './problem.ts'

// Content: manifests, version digests, chunks.
export {
  chunkerName,
  type BlobKeeper,
  type Manifest,
  type ManifestBlob,
  type ManifestEntry,
  type ManifestHeader,
  type Part,
} from './manifest/manifest.ts'
export { createManifest, encodeManifest } from './manifest/encode-manifest.ts'
export {
  createManifestParser,
  parseManifest,
  type EntryVisitor,
  type ManifestLimits,
  type ManifestParser,
} from './manifest/parse-manifest.ts'
export { createLongLine, plainLineBytes, type ItemsText, type LongLine } from './manifest/long-line.ts'
export { concatenateBytes } from './concatenate-bytes.ts'
export { createCutter } from './fastcdc/create-cutter.ts'
export type { Cutter } from './fastcdc/cutter.ts'
export { checksumLines, versionDigest, type ChecksumLine } from './version-digest.ts'

// Stored documents.
export {
  aliasMoveSchema,
  apiKeyDocumentSchema,
  edgeSchema,
  editSchema,
  experimentDocumentSchema,
  featuresSchema,
  formatDocumentSchema,
  metricPointSchema,
  metricValueSchema,
  originSchema,
  recordSchema,
  reservationAnswerSchema,
  reservationSchema,
  restorationSchema,
  roleSchema,
  runDocumentSchema,
  runNameSchema,
  runStateSchema,
  storedRunSchema,
  sweepListSchema,
  sweepMarkerSchema,
  tombstoneSchema,
  versionNameSchema,
  type AliasMove,
  type ApiKeyDocument,
  type Edge,
  type Edit,
  type FormatDocument,
  type MetricPoint,
  type Origin,
  type ReservationAnswer,
  type Restoration,
  type Role,
  type RunDocument,
  type RunName,
  type RunState,
  type Tombstone,
  type StoredRecord,
  type VersionName,
} from './documents.ts'

// Requests and responses.
export {
  aliasSchema,
  artifactSchema,
  presignedUrlSchema,
  blobsAnswerSchema,
  createRunSchema,
  createVersionSchema,
  presignDownloadsSchema,
  experimentSchema,
  signedUrlsAnswerSchema,
  signedUrlsSchema,
  finishRunSchema,
  healthSchema,
  knownOffers,
  lineageSchema,
  presignedUrlsSchema,
  listedVersionSchema,
  logPageSchema,
  logSegmentSchema,
  manifestAnswerSchema,
  meSchema,
  missingAnswerSchema,
  missingQuestionSchema,
  moveAliasSchema,
  onConflictSchema,
  pageSchema,
  retentionAnswerSchema,
  retentionSchema,
  runSchema,
  serviceSchema,
  signedQuerySchema,
  updateVersionSchema,
  presignUploadsSchema,
  versionHistorySchema,
  versionRecordSchema,
  versionSchema,
  type Alias,
  type ArtifactSummary,
  type PresignedUrl,
  type BegunRun,
  type BlobsAnswer,
  type CreateVersion,
  type Lineage,
  type ListedVersion,
  type ManifestAnswer,
  type Me,
  type Page,
  type RetentionAnswer,
  type RetentionRequest,
  type RunSummary,
  type Service,
  type Version,
  type VersionRecord,
  type VersionDescription,
} from './messages.ts'
export {
  apiBase,
  ndjsonMediaType,
  parameterSchemas,
  routePath,
  routes,
  type Route,
  type RouteName,
} from './routes.ts'
export { routeSummaries } from './route-summaries.ts'
export { formatBytes } from './format-bytes.ts'
