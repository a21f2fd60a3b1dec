// Prints the version that an alias of the model points to now, as a pin to start services with. For a deployment step.
// node pin.ts [alias], by default best
import { login } from '@trackway/sdk'

const [alias = 'best'] = process.argv.slice(2)
const session = await login({ quiet: true })
const { name, type, tag } = await session.getArtifact('penguins', 'model', alias, { experiment: 'penguins' })
console.log(`${type}/${name}:${tag}`)
