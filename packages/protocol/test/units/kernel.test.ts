import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import wabt from 'wabt'
import { kernelBase64 } from '../../src/fastcdc/kernel.ts'

test('kernel.ts holds kernel.wat, assembled', async () => {
  const source = await readFile(new URL('../../src/fastcdc/kernel.wat', import.meta.url), 'utf8')
  const assembler = await wabt()
  const assembled = assembler.parseWat('kernel.wat', source).toBinary({}).buffer
  expect(kernelBase64.replace(/\s/g, '')).toBe(Buffer.from(assembled).toString('base64'))
})
