// What clients and servers on Node share about local files. Browsers do not load it.
export { fileFailure, systemCodeOf } from './file-failure.ts'
export { homeFolder } from './home-folder.ts'
export { isAbsent } from './is-absent.ts'
export { expandHome, localPath } from './local-path.ts'
export { mountedFolders } from './mounted-folders.ts'
