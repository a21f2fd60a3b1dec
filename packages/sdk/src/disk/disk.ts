// The door of this folder: what the rest of the SDK does with files on a disk. Browsers never load it.
import { downloadAsset } from './assets/download-asset.ts'
import { noteForeignDirectory } from './assets/directory-problems.ts'
import { fetchAsset, findPinned } from './assets/fetch-asset.ts'
import { findAssetOfAddress } from './assets/find-asset-of-address.ts'
import { listAssets } from './assets/list-assets.ts'
import { pruneAssets } from './assets/prune-assets.ts'
import { removeAsset } from './assets/remove-asset.ts'
import { downloadTo } from './download/download.ts'
import { addPath } from './folder/add-path.ts'
import { verifyFolder } from './folder/verify-folder.ts'

const functions = {
  addPath,
  downloadAsset,
  downloadTo,
  fetchAsset,
  findAssetOfAddress,
  findPinned,
  listAssets,
  noteForeignDirectory,
  pruneAssets,
  removeAsset,
  verifyFolder,
}

export type Disk = typeof functions

/** Undefined in browsers. */
export const disk: Disk | undefined = functions
