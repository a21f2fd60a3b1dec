import type { RouteName } from './routes.ts'

/** What each route does, for people: what the OpenAPI document says of it. Clients do without, so that browsers do not load it. */
export const routeSummaries: Record<RouteName, string> = {
  getService: 'What this server is, which store it serves, and what it takes at the most',
  getHealth: 'Whether the server answers',
  getOpenApi: 'This description',
  getMe: 'Who the key belongs to and what it may do',
  findMissingBlobs:
    'Which of these blobs are not stored; a hint, the manifest’s answer is the definitive one',
  putBlobs:
    'Stores blobs: one part each, named by its digest. Parts that match stay stored where another does not',
  getBlob: 'The bytes of a blob, or a range of them',
  presignDownloads:
    'Presigned URLs to fetch blobs from the object store itself; none where the server cannot or may not sign',
  presignUploads:
    'Presigned URLs to put blobs into the object store itself, before their manifest is stored; none where the server cannot or may not sign',
  putManifest:
    'Checks and stores a manifest, keeps what it uses from the sweeper, and says which blobs are missing',
  listExperiments: 'The experiments of a team',
  createRun: 'Begins a run, or goes on with the one of that name',
  listRuns: 'The runs of an experiment',
  getRun: 'A run, what it read and what it made',
  finishRun: 'Ends a run',
  putLogSegment: 'Appends values to a run’s log; a segment that is there already is not written again',
  getLog: 'The values that a run logged',
  addInput: 'Records that a run read a version',
  listArtifacts: 'The artifacts of an experiment',
  getArtifact: 'An artifact, its newest version and its aliases',
  listVersions: 'The versions of an artifact, the newest first',
  createVersion: 'Makes the next version of a stored manifest',
  putVersion: 'Makes the version of this tag, which has to be the next one; needs If-None-Match: *',
  getVersion: 'A version by its tag, an alias, latest, or the beginning of its digest',
  updateVersion: 'Changes the description or the metadata of a version; its content and its record stay',
  getVersionHistory: 'What a version was described as, the newest first',
  deleteVersion:
    'Deletes a version at which no alias points; its data stays for a week, its tag is never given again',
  restoreVersion: 'Takes back that a version was deleted, as long as its data is there: for a week at least',
  applyRetention: 'Deletes versions of an experiment by rule, or says what would go and how much that frees',
  getManifest: 'The manifest of a version, byte for byte',
  getFile: 'A file of a version, or a range of it',
  makeSignedUrls: 'Addresses under which other programs read files of a version for a while, without a key',
  getArchive: 'All files of a version as a tar archive',
  getLineage: 'Which run made a version and which runs read it',
  listAliases: 'The aliases of an artifact',
  getAlias: 'Where an alias points, and its moves, the newest first',
  moveAlias: 'Moves an alias, if it points where the mover expects',
}
