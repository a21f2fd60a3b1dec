import { flag, type KindsOf } from '@trackway/protocol/options'
import type { FetchAssetOptions } from '../disk/assets/download-asset.ts'
import { longCallKinds } from '../calls/long-call-options.ts'
import { scopeKinds, type ScopeOptions } from '../calls/scope-options.ts'
import { loadDisk } from '../parts/load.ts'
import type { VersionArguments } from './call-arguments.ts'
import { performOn, type Caller } from './perform.ts'

/** A version to fetch, or a file of it, with a spec such as `dataset/sample:V2[train.csv]`. */
export type FetchArguments = VersionArguments<FetchAssetOptions & ScopeOptions>

/** The methods of a session for the assets directory. */
export interface AssetCalls {
  /**
   * The local path of a version, or of a file of it: `await
   * session.fetchAsset('dataset/sample:V2[train.csv]')`. The version is downloaded to the assets directory
   * (TRACKWAY_ASSETS_DIR, by default in the user's cache) unless it is present. A version that is present and
   * pinned by a tag or a whole digest needs no request. Without a revision, or with `latest` or an alias, the
   * server is asked which version is meant; if it cannot be reached, the latest version that is present is
   * used, or the one that the alias last pointed at.
   *
   * The files are read-only, since versions may share them. To get files that you can change, `download` to a
   * folder of your own.
   *
   * Throws `revision_invalid`, `not_found`, `integrity_error`, `network_error`, `file_error`, `aborted`.
   */
  fetchAsset(...given: FetchArguments): Promise<string>
}

/** @internal */
export const fetchKinds = { verify: flag, ...scopeKinds, ...longCallKinds } satisfies KindsOf<
  FetchAssetOptions & ScopeOptions
>

/** @internal */
export function assetCalls(caller: Caller): AssetCalls {
  const said = new Set<string>()
  const printOnce = (text: string) => {
    if (!said.has(text)) caller.print(text)
    said.add(text)
  }
  return {
    fetchAsset: (...given) =>
      performOn(
        caller,
        { call: 'fetchAsset', follows: ['revision'], kinds: fetchKinds, given },
        async (scope, subject, options: FetchAssetOptions & ScopeOptions) => {
          const quiet = options.quiet ?? caller.isQuiet()
          const { fetchAsset } = await loadDisk()
          return fetchAsset(scope, subject, { ...options, quiet, print: quiet ? () => {} : printOnce })
        },
      ),
  }
}
