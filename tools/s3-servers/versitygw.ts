import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import { credentials, region, type StoreServer } from './store-server.ts'

/**
 * The Versity gateway over a folder of a file system with extended attributes. Unlike Ceph, it verifies the
 * checksums of uploads. A key is a path in that folder: there cannot be both `a` and `a/b`, nor a name
 * between slashes of more than 255 bytes; and if the last key of a folder is deleted while another is stored
 * in it, the PUT returns 409 `ExistingObjectIsDirectory`, and may be retried.
 */
export const versitygw: StoreServer = {
  name: 'versitygw',
  isInstalled: async () => findProgram('versitygw') !== undefined,
  start: async (processes) => {
    const port = await freePort()
    const data = join(processes.folder, 'data')
    mkdirSync(data)
    // Not with --keep-alive: after a body with a trailer, the next request on the connection may
    // be answered 400.
    const words = ['--quiet', '--region', region, '--port', `127.0.0.1:${port}`]
    processes.start(findProgram('versitygw') ?? '', [...words, 'posix', data], {
      ROOT_ACCESS_KEY: credentials.accessKeyId,
      ROOT_SECRET_KEY: credentials.secretAccessKey,
    })
    return port
  },
}
