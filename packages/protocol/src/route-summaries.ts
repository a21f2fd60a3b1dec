import type { RouteName } from './routes.ts'

/** What each route does, for the OpenAPI document. Clients do not need it, so browsers do not load it. */
export const routeSummaries: Record<RouteName, string> = {
  getService: 'What this server is, which store it serves, and its limits',
  getHealth: 'Whether the server is running',
  getOpenApi: 'This description',
  getMe: 'Who the key belongs to and what it may do',
  findMissingBlobs:
    'Which of these blobs are not stored; a hint, since only the manifest’s answer is definitive',
  putBlobs:
    'Stores blobs: one part each, named by its digest. Parts that match are stored even if others do not match',
  getBlob: 'The bytes of a blob, or a range of them',
  presignDownloads:
    'Presigned URLs to fetch blobs from the object store itself; none if the server cannot or may not sign',
  presignUploads:
    'Presigned URLs to put blobs into the object store itself, before their manifest is stored; none if the server cannot or may not sign',
  putManifest:
    'Checks and stores a manifest, keeps what it uses from the sweeper, and says which blobs are missing',
  listExperiments: 'The experiments of a team',
  createRun: 'Begins a run, or resumes the one with that name',
  listRuns: 'The runs of an experiment',
  getRun: 'A run, what it read and what it made',
  finishRun: 'Ends a run',
  putLogSegment: 'Appends values to a run’s log; a segment that exists already is not written again',
  getLog: 'The values that a run logged',
  addInput: 'Records that a run read a version',
  listArtifacts: 'The artifacts of an experiment',
  getArtifact: 'An artifact, its newest version and its aliases',
  listVersions: 'The versions of an artifact, the newest first',
  createVersion: 'Makes the next version from a stored manifest',
  putVersion: 'Makes the version with this tag, which must be the next one; needs If-None-Match: *',
  getVersion: 'A version by its tag, an alias, latest, or the beginning of its digest',
  updateVersion: 'Changes the description or the metadata of a version; its content and its record stay',
  getVersionHistory: 'The descriptions and metadata that a version has had, the newest first',
  deleteVersion:
    'Deletes a version that no alias points at; its data is kept for a week, its tag is never reused',
  restoreVersion: 'Restores a deleted version while its data exists: for at least a week',
  applyRetention:
    'Deletes versions of an experiment by rule, or reports what would be deleted and how many bytes that frees',
  getManifest: 'The manifest of a version, byte for byte',
  getFile: 'A file of a version, or a range of it',
  makeSignedUrls:
    'Signed URLs with which other programs can read files of a version for a while, without a key',
  getArchive: 'All files of a version as a tar archive',
  getLineage: 'Which run made a version and which runs read it',
  listAliases: 'The aliases of an artifact',
  getAlias: 'Where an alias points, and its moves, the newest first',
  moveAlias: 'Moves an alias, if it points where the client expects',
}
