// Prints what a command of a package says of itself and of each command below it, as JSON: node print-helps.ts <bin>.
// It is loaded once and asked many times, since loading it is what takes time.
import { pathToFileURL } from 'node:url'
import { commandsOfHelp } from './help-text.ts'

const [bin = ''] = process.argv.slice(2)
const print = process.stdout.write.bind(process.stdout)
const helps: Record<string, string> = {}
await ask([])
print(JSON.stringify(helps))

async function ask(path: readonly string[]): Promise<void> {
  const help = await helpOf(path)
  helps[path.join(' ')] = help
  for (const name of commandsOfHelp(help)) if (name !== 'help') await ask([...path, name])
}

/** What is printed until the command would end. */
async function helpOf(path: readonly string[]): Promise<string> {
  let text = ''
  process.argv = [process.execPath, bin, ...path, '--help']
  process.stdout.write = (piece: string | Uint8Array) => {
    text += String(piece)
    return true
  }
  process.exit = () => {
    throw new Error('It would end here')
  }
  // A module with another query is another one, while those that it imports are the same.
  const url = `${pathToFileURL(bin).href}?${path.join('-')}`
  await import(url).catch((error: unknown) => {
    if (text === '') throw error
  })
  return text
}
