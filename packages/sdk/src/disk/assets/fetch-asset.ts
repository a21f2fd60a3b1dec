import { foldName, formatSpec, isAddress, parseRevision, type Spec } from '@trackway/protocol'
import { isPinned, type VersionSpec } from '../../version/known-versions.ts'
import { readEntries, readRecord } from '../../version/stored-version.ts'
import { isUnreachable } from '../../errors.ts'
import type { Scope } from '../../client/scope.ts'
import { artifactFolder, type ArtifactAddress } from '../folder/assets-directory.ts'
import { checkEntry } from './check-entry.ts'
import { noteForeignDirectory } from './directory-problems.ts'
import { downloadAsset, pathIn, type FetchAssetOptions } from './download-asset.ts'
import { findComplete, findDigest, lastKnown, type FoundAsset } from './find-asset.ts'

type Options = FetchAssetOptions & { print: (text: string) => void }

/**
 * The local path of a version, or of a file of it: `dataset/sample:V2[train.csv]`. A version that is present
 * and pinned by a tag or a whole digest needs no request; otherwise the server is asked which version is
 * meant. If the server cannot be reached, its last answer is used, and `latest` means the latest version that
 * is present.
 */
export async function fetchAsset(scope: Scope, spec: Spec, options: Options): Promise<string> {
  if (!options.quiet) await noteForeignDirectory(options.print)
  const found = await find(scope, spec, options)
  const { type, name } = spec
  scope.run?.addInput({ experiment: scope.experiment, type, name, tag: found.tag })
  return found.path
}

async function find(scope: Scope, spec: Spec, options: Options): Promise<FoundAsset> {
  const { type, name, revision = 'latest' } = spec
  const asked = { type, name, revision: canonical(revision) }
  if (isPinned(revision)) return findExactly(scope, spec, { asked, options, patient: true })
  const artifact = addressOf(scope, spec)
  const hasFallback = (await lastKnown(scope, artifact, asked)) !== undefined
  try {
    return await findExactly(scope, spec, { asked, options, patient: !hasFallback })
  } catch (error) {
    if (!isUnreachable(error)) throw error
    // Checked again: the server may have said which version it is before it became unreachable.
    const tag = await lastKnown(scope, artifact, asked)
    const found = tag && (await findWithoutServer(scope, { ...spec, revision: tag }, options))
    if (found === undefined) throw error
    const wanted = formatSpec({ ...spec, revision })
    options.print(
      `${wanted}: the server or store cannot be reached; using ${tag}, which is in the assets directory`,
    )
    return found
  }
}

interface Search {
  asked: VersionSpec
  options: Options
  /** Whether only the server can answer. */
  patient: boolean
}

/** Asks the server which version is meant, unless that is clear, and fetches it, unless it is present. */
async function findExactly(
  scope: Scope,
  spec: Spec,
  { asked, options, patient }: Search,
): Promise<FoundAsset> {
  const { verify = false, signal } = options
  const artifact = addressOf(scope, spec)
  // Asking a store in a folder costs nothing, and it may have been restored from a backup or replaced.
  const isFolder = !isAddress(scope.connection.address)
  const pinned = verify || isFolder ? undefined : await findPinned(artifact, spec)
  if (pinned !== undefined) return pinned
  const record = await readRecord(scope, { ...asked, signal }, { patient })
  const { tag } = record
  const { path } = spec
  const here = verify ? undefined : await findComplete(artifact, { tag, path, record })
  if (here !== undefined) return here
  const version = await readEntries(scope, record, signal)
  if (path !== undefined) checkEntry(version, path)
  return { tag, path: pathIn(await downloadAsset(version, options), path) }
}

/** The local version of a tag. It is verified if requested, against what is known of the version. */
async function findWithoutServer(
  scope: Scope,
  spec: Spec & { revision: string },
  options: Options,
): Promise<FoundAsset | undefined> {
  if (!options.verify) return findPinned(addressOf(scope, spec), spec)
  const { type, name, revision } = spec
  return findExactly(scope, spec, { asked: { type, name, revision }, options, patient: false })
}

/** The local version that the spec pins; sends no request. */
export async function findPinned(artifact: ArtifactAddress, spec: Spec): Promise<FoundAsset | undefined> {
  if (spec.revision === undefined || !isPinned(spec.revision)) return undefined
  const revision = parseRevision(spec.revision)
  const tag =
    revision.kind === 'tag' ? revision.tag : await findDigest(artifactFolder(artifact), spec.revision)
  return tag && findComplete(artifact, { tag, path: spec.path })
}

function addressOf(scope: Scope, { type, name }: Spec): ArtifactAddress {
  const { connection, team, experiment } = scope
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
