import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('while-input-is-open.sh', import.meta.url))

test('a program and its folder are gone when the process that started it is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trackway-killed-'))
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', startAndStay, script, folder])
  const [printed]: Buffer[] = await once(parent.stdout, 'data')
  const program = Number(printed)
  expect(isAlive(program)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(program) || existsSync(folder)).toBe(false)
})

test('a program that ends by itself leaves its folder and its exit code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trackway-ended-'))
  writeFileSync(join(folder, 'reason'), 'because')
  const child = spawn('sh', [script, folder, 'sh', '-c', 'exit 7'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const [code] = await once(child, 'exit')
  child.stdin.end()
  expect(code).toBe(7)
  expect(existsSync(join(folder, 'reason'))).toBe(true)
  rmSync(folder, { recursive: true })
})

/** Starts a program that prints its process id, passes its output on, and keeps running. */
const startAndStay = `
  import { spawn } from 'node:child_process'
  const [script, folder] = process.argv.slice(1)
  const words = [script, folder, 'sh', '-c', 'echo $$; exec sleep 60']
  spawn('sh', words, { stdio: ['pipe', 'inherit', 'ignore'], detached: true })
  setInterval(() => {}, 1000)
`

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}
