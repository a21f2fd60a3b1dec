// For a deployment step: prints the version that an alias of the model points to, as a pin for services.
// node pin.ts [alias], by default best
import { login } from '@trackway/sdk'

const [alias = 'best'] = process.argv.slice(2)
const session = await login({ quiet: true })
const { name, type, tag } = await session.getArtifact('penguins', 'model', alias, { experiment: 'penguins' })
console.log(`${type}/${name}:${tag}`)
