// Makes sure that every planted bug still fits the sources, as the campaign does before it plants them.
import { bugs } from './bugs.ts'
import { checkBugs } from './check-bugs.ts'
import { readSources } from './plant.ts'

const root = process.cwd()
await checkBugs(root, await readSources(root), bugs)
