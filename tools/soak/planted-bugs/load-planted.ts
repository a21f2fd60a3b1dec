// Loaded before a campaign (`node --import`): replaces sources by those in the file that
// TRACKWAY_PLANTED names.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const planted: Record<string, string> = JSON.parse(
  readFileSync(process.env['TRACKWAY_PLANTED'] ?? '', 'utf8'),
)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const source = planted[url]
    return source === undefined ? loaded : { ...loaded, source }
  },
})
