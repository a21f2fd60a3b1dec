// Loaded before a campaign (`node --import`): changes one source file as it is loaded, by the bug that
// TRACKWAY_PLANT names.
import { registerHooks } from 'node:module'
import { findBug } from './bugs.ts'

const bug = findBug(process.env['TRACKWAY_PLANT'] ?? '')

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const changes = bug.changes.filter(({ file }) => url.endsWith(`/packages/${file}`))
    if (changes.length === 0 || loaded.source === undefined || loaded.source === null) return loaded
    let text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
    for (const { file, find, replace } of changes) {
      // A bug that cannot be planted any more would look like one that was found.
      if (text.split(find).length !== 2) {
        process.stderr.write(`The bug '${bug.name}' no longer fits ${file}\n`)
        process.exit(3)
      }
      text = text.replace(find, () => replace)
    }
    return { ...loaded, source: text }
  },
})
