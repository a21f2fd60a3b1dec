// The counterpart of node.ts for browsers. A list without code of its own, so that bundlers can split it.
export {
  blobBody,
  environment,
  loadRunKeeper,
  multipartBody,
  openBucketObject,
  openProgressDisplay,
  originProbe,
  proxyAdvice,
  redirect,
  revalidation,
  showEverywhere,
  showInNotebooks,
  textCache,
  userCache,
} from './page.ts'
export { createSpool } from '../content/blob-spool.ts'
export { openCrew } from '../tasks/page-crew.ts'
