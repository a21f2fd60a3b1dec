import { TrackwayError } from '@trackway/protocol'
import type { Environment } from '../environment.ts'

const noFile = () =>
  Promise.reject(
    new TrackwayError('config_invalid', 'A browser has no configuration file; pass its values to login'),
  )

export const environment: Environment = {
  variable: () => undefined,
  readConfigFile: () => Promise.resolve(undefined),
  writeConfigFile: noFile,
  readProjectFile: () => Promise.resolve(undefined),
  writeProjectFile: noFile,
  userName: () => 'browser',
  openEmbedded: () =>
    Promise.reject(
      new TrackwayError(
        'config_invalid',
        'A browser cannot use a store without a server; pass the URL of one to login',
        { hint: { kind: 'option', options: ['host'] } },
      ),
    ),
  folder: (path) => path,
  addressOf: (store) => Promise.resolve(store),
  folderUrl: (folder) => folder,
  // oxlint-disable-next-line no-console -- Messages of a page go to the console.
  print: (text) => console.info(text),
}
