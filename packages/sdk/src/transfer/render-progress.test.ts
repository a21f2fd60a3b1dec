import { expect, test } from 'vitest'
import { renderBar, renderLine } from './render-progress.ts'

const progress = {
  phase: 'upload' as const,
  files: 1234,
  totalFiles: 10_000,
  bytes: 620e6,
  totalBytes: 1e9,
  reusedBytes: 12e6,
  bytesPerSecond: 2e6,
}

test('a bar says how far it is and how long it takes', () => {
  expect(renderBar('Uploading dataset/sample', progress, 200)).toBe(
    'Uploading dataset/sample ━━━━━━━━━━━━━━━─────────  62 % · 620 MB of 1.0 GB · 3 min 10 s left · 2.0 MB/s · 1,234 of 10,000 files · 12.0 MB were there · sending',
  )
})

test('a bar stays in one line, and leaves out what matters the least', () => {
  expect(renderBar('Uploading dataset/sample', progress, 100)).toBe(
    'Uploading dataset/sample ━━━━━━━━━━━━━━━─────────  62 % · 620 MB of 1.0 GB · 3 min 10 s left',
  )
  expect(renderBar('Uploading dataset/sample', progress, 10)).toMatch(/─ {2}62 %$/)
})

test('a line for a log has no bar, and nothing that is not known', () => {
  const begun = { ...progress, phase: 'read' as const, bytes: 0, reusedBytes: 0, bytesPerSecond: 0, files: 0 }
  expect(renderLine('Uploading dataset/sample', begun)).toBe(
    'Uploading dataset/sample:   0 % · 0 B of 1.0 GB · 0 B/s · 0 of 10,000 files · reading and sending',
  )
})

test('empty files count as files', () => {
  const empty = { ...progress, bytes: 0, totalBytes: 0, files: 5000, reusedBytes: 0, bytesPerSecond: 0 }
  expect(renderLine('x', empty)).toContain(' 50 %')
})
