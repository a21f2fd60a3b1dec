import { expect, it } from 'vitest'
import * as protocol from '../src/index.ts'
import { errorCodes, routes } from '../src/index.ts'

// Everything that others depend on, written out. If a change is intended, `vitest run -u` on this file
// rewrites the lists; the diff then shows what was removed.

function lines(all: Iterable<string>): string {
  return [...all].join('\n')
}

it('exports the same names', () => {
  expect(lines(Object.keys(protocol).sort())).toMatchInlineSnapshot(`
    "TrackwayError
    aliasMoveSchema
    aliasNameSchema
    aliasParameters
    aliasRoutes
    aliasSchema
    aliasSummaries
    apiBase
    apiKeyDocumentSchema
    artifactNameProblem
    artifactNameSchema
    artifactParameters
    artifactRoutes
    artifactSchema
    artifactSummaries
    backoffMs
    begunRunSchema
    blobParameters
    blobRoutes
    blobSummaries
    blobsAnswerSchema
    brandOf
    canonicalBucketAddress
    checkNode
    checksumLines
    chunkerName
    comparePaths
    concatenateBytes
    createCutter
    createLongLine
    createManifest
    createManifestParser
    createPathWatch
    createRunSchema
    createSha256
    createVersionSchema
    defaultLimits
    demandText
    digestHex
    digestSchema
    edgeSchema
    editSchema
    encodeManifest
    equalJson
    errorCodes
    errorTitles
    experimentDocumentSchema
    experimentParameters
    experimentRoutes
    experimentSchema
    experimentSummaries
    featuresSchema
    fileParameters
    fileRoutes
    fileSummaries
    finishRunSchema
    foldName
    formatBytes
    formatDocumentSchema
    formatSpec
    formatTag
    fromProblem
    healthSchema
    hintOfNames
    hintWords
    holdTo
    isAddress
    isBucketAddress
    isBucketName
    isBytes
    isDigest
    isError
    isRefusedByFetch
    isTransientStatus
    keyRoutes
    keySummaries
    knownOffers
    lastSegmentOf
    limitsSchema
    lineageRoutes
    lineageSchema
    lineageSummaries
    listedVersionSchema
    logPageSchema
    logSegmentSchema
    manifestAnswerSchema
    manifestRoutes
    manifestSummaries
    maxAliases
    maxDocumentBytes
    maxMetadataBytes
    maxMetadataDepth
    maxPresignedUrls
    maxRunErrorLength
    maxSignedUrlSeconds
    maxSignedUrls
    maxTagNumber
    meSchema
    messageOf
    metadataProblem
    metadataSchema
    metricPointSchema
    metricValueSchema
    missingAnswerSchema
    missingQuestionSchema
    moveAliasSchema
    nameProblem
    nameSchema
    ndjsonMediaType
    nearestPaths
    objectKeyOf
    onConflictSchema
    originSchema
    parseArtifactName
    parseDataAddress
    parseDigest
    parseManifest
    parseName
    parsePath
    parseRevision
    parseSpec
    parseTag
    pathProblem
    pathSchema
    plainLineBytes
    presignDownloadsSchema
    presignUploadsSchema
    presignedUrlSchema
    presignedUrlsSchema
    printable
    problemMediaType
    problemSchema
    problemsOf
    recordSchema
    refusedPorts
    reservationAnswerSchema
    reservationSchema
    restorationSchema
    retentionAnswerSchema
    retentionRoutes
    retentionSchema
    retentionSummaries
    retryAfterMs
    roleSchema
    routeParameters
    routePath
    routeSummaries
    routes
    runDocumentSchema
    runNameSchema
    runParameters
    runRoutes
    runSchema
    runStateSchema
    runSummaries
    safeParse
    secretIn
    serviceRoutes
    serviceSchema
    serviceSummaries
    sha256
    signedQuerySchema
    signedUrlsAnswerSchema
    signedUrlsSchema
    storeSchemeOf
    storedRunSchema
    sweepListSchema
    sweepMarkerSchema
    tagNumber
    tagSchema
    toProblem
    tombstoneSchema
    updateVersionSchema
    versionDigest
    versionHistorySchema
    versionNameSchema
    versionParameters
    versionRecordSchema
    versionRoutes
    versionSchema
    versionSummaries
    withArticle
    withoutSecrets
    withoutUndefined"
  `)
})

it('keeps its error codes, with their status and whether to retry', () => {
  const rows = Object.entries(errorCodes).map(([code, properties]) => {
    const status = 'status' in properties ? properties.status : 'client'
    return `${code} ${status}${properties.retryable ? ' retryable' : ''}`
  })
  expect(lines(rows.sort())).toMatchInlineSnapshot(`
    "aborted client
    alias_in_use 409
    alias_moved 409
    artifact_empty client
    blobs_missing 409
    body_too_slow 408 retryable
    config_invalid client
    digest_invalid 400
    digest_mismatch 422
    entry_conflict client
    file_changed client
    file_error client
    file_not_found client
    file_unsupported client
    forbidden 403
    format_unsupported 501
    host_not_allowed 421
    insufficient_storage 507
    integrity_error 500
    internal_error 500 retryable
    link_refused client
    manifest_invalid 422
    merge_conflict client
    method_not_allowed 405
    name_invalid 400
    network_error client retryable
    not_found 404
    not_initialized client
    not_logged_in client
    not_trackway client
    option_invalid client
    origin_not_allowed 403
    path_invalid 422
    precondition_failed 412
    quota_exceeded 507
    range_not_satisfiable 416
    rate_limited 429 retryable
    request_invalid 400
    reservation_expired 409
    revision_invalid 400
    run_finished 409
    server_too_new client
    store_unavailable 503 retryable
    store_unsuitable 500
    sweep_in_progress 503 retryable
    sweep_refused client
    tag_conflict 409
    tag_out_of_order 409
    target_exists client
    target_unsupported client
    timeout client retryable
    too_large 413
    unauthorized 401
    unsupported_media_type 415
    url_unavailable client
    version_deleted 410"
  `)
})

it('keeps its routes', () => {
  const rows = Object.entries(routes).map(
    ([name, { method, path, access }]) => `${name}: ${method} ${path} (${access})`,
  )
  expect(lines(rows.sort())).toMatchInlineSnapshot(`
    "addInput: POST /teams/{team}/experiments/{experiment}/runs/{run}/inputs (write)
    applyRetention: POST /teams/{team}/experiments/{experiment}/retention (admin)
    createRun: POST /teams/{team}/experiments/{experiment}/runs (write)
    createVersion: POST /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions (write)
    deleteVersion: DELETE /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{tag} (admin)
    findMissingBlobs: POST /teams/{team}/blobs/missing (write)
    finishRun: POST /teams/{team}/experiments/{experiment}/runs/{run}/finish (write)
    getAlias: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/aliases/{alias} (read)
    getArchive: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{revision}.tar (read)
    getArtifact: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name} (read)
    getBlob: GET /teams/{team}/blobs/{digest} (read)
    getFile: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{revision}/files/{path} (read)
    getHealth: GET /healthz (public)
    getLineage: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{revision}/lineage (read)
    getLog: GET /teams/{team}/experiments/{experiment}/runs/{run}/log (read)
    getManifest: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{revision}/manifest (read)
    getMe: GET /me (key)
    getOpenApi: GET /openapi.json (public)
    getRun: GET /teams/{team}/experiments/{experiment}/runs/{run} (read)
    getService: GET  (public)
    getVersion: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{revision} (read)
    getVersionHistory: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{revision}/history (read)
    listAliases: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/aliases (read)
    listArtifacts: GET /teams/{team}/experiments/{experiment}/artifacts (read)
    listExperiments: GET /teams/{team}/experiments (read)
    listRuns: GET /teams/{team}/experiments/{experiment}/runs (read)
    listVersions: GET /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions (read)
    makeSignedUrls: POST /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{revision}/signed-urls (read)
    moveAlias: PUT /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/aliases/{alias} (write)
    presignDownloads: POST /teams/{team}/blobs/presigned-downloads (read)
    presignUploads: POST /teams/{team}/blobs/presigned-uploads (write)
    putBlobs: POST /teams/{team}/blobs (write)
    putLogSegment: PUT /teams/{team}/experiments/{experiment}/runs/{run}/log/{segment} (write)
    putManifest: PUT /teams/{team}/manifests/{digest} (write)
    putVersion: PUT /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{tag} (write)
    restoreVersion: POST /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{tag}/restore (admin)
    updateVersion: POST /teams/{team}/experiments/{experiment}/artifacts/{type}/{name}/versions/{tag}/update (write)"
  `)
})
