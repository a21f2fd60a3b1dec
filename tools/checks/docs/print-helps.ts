// Prints the help of a package's command and of all its subcommands as JSON: node print-helps.ts <bin>.
// The command is loaded once and called many times, since loading it takes most of the time.
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

/** The output up to where the command would exit. */
async function helpOf(path: readonly string[]): Promise<string> {
  let text = ''
  process.argv = [process.execPath, bin, ...path, '--help']
  process.stdout.write = (piece: string | Uint8Array) => {
    text += String(piece)
    return true
  }
  process.exit = () => {
    throw new Error('The command would exit here')
  }
  // With another query, the module is loaded again, but its imports are not.
  const url = `${pathToFileURL(bin).href}?${path.join('-')}`
  await import(url).catch((error: unknown) => {
    if (text === '') throw error
  })
  return text
}
