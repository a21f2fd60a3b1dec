// A user's program that uses most exports of the packages. It is compiled, but never run.
import {
  AbortedError,
  Artifact,
  IntegrityError,
  TagConflictError,
  TrackwayError,
  fetchAsset,
  finish,
  formatBytes,
  formatSpec,
  getArtifact,
  init,
  listAssets,
  log,
  login,
  parseSpec,
  pruneAssets,
  readUserConfig,
  removeAsset,
  setAlias,
  uploadArtifact,
  type AddOptions,
  type Alias,
  type ArtifactSummary,
  type Asset,
  type Diff,
  type DownloadOptions,
  type Entry,
  type ErrorCode,
  type InitOptions,
  type LoggedValue,
  type LoginOptions,
  type Metadata,
  type Progress,
  type PushResult,
  type Run,
  type Session,
  type Spec,
  type UploadOptions,
  type UploadResult,
  type Verification,
  type Version,
} from '@trackway/sdk'
import { createApp, createMemoryStore, type App, type ObjectStore } from '@trackway/server'
import { errorCodes, parsePath, sha256, toProblem, type Manifest } from '@trackway/protocol'

interface Config {
  lr: number
  layers: number[]
  model: { name: string; frozen?: boolean }
}

interface Metrics {
  loss: number
  accuracy: number
}

export async function train(options: LoginOptions, signal: AbortSignal): Promise<void> {
  const session: Session = await login({ ...options, quiet: true })
  const config: Config = { lr: 0.1, layers: [1, 2], model: { name: 'm' } }
  const run: Run = await session.init({ experiment: 'flowers', config })
  const metrics: Metrics = { loss: 1, accuracy: 2 }
  await run.log(metrics)
  await run.log({ loss: 1 }, { step: 3, time: new Date() })
  const values: LoggedValue[] = await session.getLog(run.name)
  const artifact = new Artifact('sample', 'dataset', { metadata: config, description: 'd' })
  artifact.metadata = config
  const metadata: Metadata = artifact.metadata
  const add: AddOptions = { name: 'a', signal }
  await artifact.add('./data')
  await artifact.add(new Uint8Array(3), add)
  await artifact.add(new Blob(['x']), { name: 'blob' })
  await artifact.add(new URL('file:///x'))
  await artifact.addReference('https://example.org/x')
  const upload: UploadOptions = { signal, onProgress: (progress: Progress) => progress.bytes }
  const result: UploadResult = await session.uploadArtifact(artifact, upload)
  const stored = await session.getArtifact('sample', 'dataset', result.tag)
  const diff: Diff = await stored.diff(artifact)
  const entry: Entry = stored.entry('a.csv')
  const text: string = await entry.text()
  const stream: ReadableStream<Uint8Array> = stored.archive().stream()
  const download: DownloadOptions = { overwrite: true, include: '*.csv' }
  const folder: string = await stored.download('./x', download)
  const verification: Verification = await stored.verify(folder)
  const other: Session = await login()
  const pushed: PushResult = await session.push('dataset/sample:V1', { to: other })
  for (const each of await session.listVersions('sample', 'dataset')) void each.tag
  const assets: Asset[] = await listAssets()
  const spec: Spec = parseSpec('dataset/sample:V1')
  await run.finish()
  void [values, metadata, diff, text, stream, verification, pushed, assets, formatSpec(spec), formatBytes(3)]
}

export async function byFunctions(options: InitOptions): Promise<void> {
  await login()
  await init(options)
  await init({ config: { lr: 1, list: [1, 'x', null] } })
  await log({ loss: 1 })
  await uploadArtifact(await getArtifact('sample', 'dataset'))
  await setAlias('sample', 'dataset', 'best', 'V1')
  await fetchAsset('dataset/sample:V1')
  await pruneAssets({ keep: 1 })
  await removeAsset('dataset/sample:V1')
  await readUserConfig()
  await finish()
}

export function codeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof IntegrityError || error instanceof TagConflictError || error instanceof AbortedError)
    return error.code
  return TrackwayError.isInstance(error) ? error.code : undefined
}

export async function serveMemory(): Promise<App> {
  const store: ObjectStore = createMemoryStore()
  return createApp({ store, origins: ['*'] })
}

export type Summaries = [Alias, ArtifactSummary, Version, Manifest]
export const known: unknown[] = [errorCodes, parsePath('a'), sha256(new Uint8Array()), toProblem]

export async function refused(run: Run, session: Session, artifact: Artifact): Promise<void> {
  // @ts-expect-error -- A metric is a number.
  await run.log({ loss: 'small' })
  // @ts-expect-error -- A function is not JSON.
  await session.init({ config: { f() {} } })
  // @ts-expect-error -- A date is not JSON.
  await session.init({ config: { when: new Date() } })
  // @ts-expect-error -- A Map is not JSON.
  await init({ config: new Map<string, number>() })
  // @ts-expect-error -- A list is not an object.
  artifact.metadata = [1]
  // @ts-expect-error -- A Map is not JSON.
  artifact.metadata = new Map<string, number>()
  // @ts-expect-error -- A function is not JSON.
  artifact.metadata = () => {}
}
