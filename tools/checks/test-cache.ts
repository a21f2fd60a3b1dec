import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

// Each test file has its own cache and state.
const folder = mkdtempSync(join(tmpdir(), 'trackway-cache-'))
process.env['XDG_CACHE_HOME'] = folder
process.env['XDG_STATE_HOME'] = folder
afterAll(() => rmSync(folder, { recursive: true, force: true }))
