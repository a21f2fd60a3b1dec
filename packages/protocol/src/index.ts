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
export { backoffMs, isTransientStatus, retryAfterMs } from './retry.ts'
export { safeParse } from './safe-parse.ts'
export { equalJson } from './equal-json.ts'
export { metadataProblem, metadataSchema, type JsonValue, type Metadata } from './metadata.ts'
export {
  defaultLimits,
  limitsSchema,
  maxDocumentBytes,
  maxMetadataBytes,
  maxMetadataDepth,
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
export {
  canonicalBucketAddress,
  isAddress,
  isBucketAddress,
  isBucketName,
  storeSchemeOf,
  withoutSecrets,
  type StoreScheme,
} from './address.ts'
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
export { createManifestParser, parseManifest, type ManifestParser } from './manifest/parse-manifest.ts'
export type { EntryVisitor, ManifestLimits } from './manifest/line-reader.ts'
export { createLongLine, plainLineBytes, type ItemsText, type LongLine } from './manifest/long-line.ts'
export { concatenateBytes } from './concatenate-bytes.ts'
export { createCutter } from './fastcdc/create-cutter.ts'
export type { Cutter } from './fastcdc/cutter.ts'
export { checksumLines, versionDigest, type ChecksumLine } from './version-digest.ts'

// The resources: documents, types and routes.
export * from './resources.ts'
export type { Page } from './page.ts'
export type { Parameter } from './parameter.ts'
export { apiBase, ndjsonMediaType, type Route } from './route.ts'
export { routePath } from './route-path.ts'
export { formatBytes } from './format-bytes.ts'
