import { foldName, formatSpec, isAddress, parseRevision, type Spec } from '@trackway/protocol'
import { isPinned, type VersionSpec } from '../version/known-versions.ts'
import { readEntries, readRecord } from '../version/stored-version.ts'
import { isUnreachable } from '../errors.ts'
import type { Place } from '../client/scope.ts'
import { artifactFolder, type ArtifactAddress } from './assets-directory.ts'
import { checkEntry } from './check-entry.ts'
import { noteForeignDirectory } from './directory-problems.ts'
import { downloadAsset, pathIn, type FetchAssetOptions } from './download-asset.ts'
import { findComplete, findDigest, lastKnown, type FoundAsset } from './find-asset.ts'

type Options = FetchAssetOptions & { print: (text: string) => void }

/**
 * The local path of a version, or of a file of it: `dataset/sample:V2[train.csv]`. What is there and pinned by a tag or
 * a whole digest costs no request; else the server is asked which version is meant. Where it cannot be reached, what
 * was meant the last time will do, and `latest` is the latest that lies there.
 */
export async function fetchAsset(place: Place, spec: Spec, options: Options): Promise<string> {
  if (!options.quiet) await noteForeignDirectory(options.print)
  const found = await find(place, spec, options)
  const { type, name } = spec
  place.run?.addInput({ experiment: place.experiment, type, name, tag: found.tag })
  return found.path
}

async function find(place: Place, spec: Spec, options: Options): Promise<FoundAsset> {
  const { type, name, revision = 'latest' } = spec
  const asked = { type, name, revision: canonical(revision) }
  if (isPinned(revision)) return findExactly(place, spec, { asked, options, patient: true })
  const artifact = addressOf(place, spec)
  const hasFallback = (await lastKnown(place, artifact, asked)) !== undefined
  try {
    return await findExactly(place, spec, { asked, options, patient: !hasFallback })
  } catch (error) {
    if (!isUnreachable(error)) throw error
    // Looked for again: the server may have said which version it is before it went away.
    const tag = await lastKnown(place, artifact, asked)
    const found = tag && (await findWithoutServer(place, { ...spec, revision: tag }, options))
    if (found === undefined) throw error
    const wanted = formatSpec({ ...spec, revision })
    options.print(`${wanted}: what holds it cannot be reached; ${tag}, which lies here, is taken`)
    return found
  }
}

interface Search {
  asked: VersionSpec
  options: Options
  /** Whether nothing but the server can answer. */
  patient: boolean
}

/** Asks the server which version is meant, unless that is clear, and fetches it, unless it is there. */
async function findExactly(
  place: Place,
  spec: Spec,
  { asked, options, patient }: Search,
): Promise<FoundAsset> {
  const { verify = false, signal } = options
  const artifact = addressOf(place, spec)
  // A folder costs nothing to ask, and may have been put back from a backup, or be another one by now.
  const isFolder = !isAddress(place.connection.address)
  const pinned = verify || isFolder ? undefined : await findPinned(artifact, spec)
  if (pinned !== undefined) return pinned
  const record = await readRecord(place, { ...asked, signal }, { patient })
  const { tag } = record
  const { path } = spec
  const here = verify ? undefined : await findComplete(artifact, { tag, path, record })
  if (here !== undefined) return here
  const version = await readEntries(place, record, signal)
  if (path !== undefined) checkEntry(version, path)
  return { tag, path: pathIn(await downloadAsset(version, options), path) }
}

/** What lies here of a tag. What has to be verified is verified nevertheless, by what is known of the version. */
async function findWithoutServer(
  place: Place,
  spec: Spec & { revision: string },
  options: Options,
): Promise<FoundAsset | undefined> {
  if (!options.verify) return findPinned(addressOf(place, spec), spec)
  const { type, name, revision } = spec
  return findExactly(place, spec, { asked: { type, name, revision }, options, patient: false })
}

/** What is pinned and lies here; no server is asked. */
export async function findPinned(artifact: ArtifactAddress, spec: Spec): Promise<FoundAsset | undefined> {
  if (spec.revision === undefined || !isPinned(spec.revision)) return undefined
  const revision = parseRevision(spec.revision)
  const tag =
    revision.kind === 'tag' ? revision.tag : await findDigest(artifactFolder(artifact), spec.revision)
  return tag && findComplete(artifact, { tag, path: spec.path })
}

function addressOf(place: Place, { type, name }: Spec): ArtifactAddress {
  const { connection, team, experiment } = place
  const { address, storeId } = connection
  return { address, storeId, team, experiment, type, name }
}

/** One spelling of each revision: aliases and tags are compared without case. */
function canonical(text: string): string {
  const revision = parseRevision(text)
  if (revision.kind === 'tag') return revision.tag
  if (revision.kind === 'alias') return foldName(revision.alias)
  return revision.kind === 'latest' ? 'latest' : text
}
