import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { renderBar, renderEndIn, renderLine } from '../../src/progress/render-progress.ts'

const progress = {
  phase: 'upload' as const,
  files: 1234,
  totalFiles: 10_000,
  bytes: 620e6,
  totalBytes: 1e9,
  reusedBytes: 15e6,
  duplicateBytes: 3e6,
  bytesPerSecond: 2e6,
}

test('a bar shows the progress and the remaining time', () => {
  expect(renderBar('Uploading dataset/sample', progress, 200)).toBe(
    'Uploading dataset/sample ━━━━━━━━━━━━━━━─────────  62 % · 620 MB of 1.0 GB · 3 min 10 s left · 2.0 MB/s · 1,234 of 10,000 files · 12.0 MB stored already · 3.0 MB of duplicates · sending',
  )
})

test('a bar stays in one line, and leaves out what matters least', () => {
  expect(renderBar('Uploading dataset/sample', progress, 100)).toBe(
    'Uploading dataset/sample ━━━━━━━━━━━━━━━─────────  62 % · 620 MB of 1.0 GB · 3 min 10 s left',
  )
})

test.each([
  [50, 'Uploading dataset/sample 62 %'],
  [20, '…dataset/sample 62 %'],
  [10, '…mple 62 %'],
  [5, '62 %'],
  [2, '62'],
])('in %i columns a bar becomes a label and a share', (columns, line) => {
  expect(renderBar('Uploading dataset/sample', progress, columns)).toBe(line)
})

test.each(['Comparing /home/データ/画像', 'Comparing 👩‍👩‍👧/cafe\u0301', 'Uploading dataset/sample'])(
  'neither the bar nor the end of "%s" is wider than the terminal',
  (label) => {
    for (let columns = 5; columns < 200; columns += 1) {
      expect(stringWidth(renderBar(label, progress, columns))).toBeLessThanOrEqual(columns)
      expect(stringWidth(renderEndIn(label, progress, columns))).toBeLessThanOrEqual(columns)
    }
  },
)

test('bytes that a download finds on the disk are shown as present', () => {
  const download = { ...progress, phase: 'download' as const, duplicateBytes: 0 }
  expect(renderLine('x', download)).toContain('15.0 MB here already · downloading')
})

test('a line for a log has no bar, and no unknown values', () => {
  const begun = {
    ...progress,
    phase: 'read' as const,
    bytes: 0,
    reusedBytes: 0,
    duplicateBytes: 0,
    bytesPerSecond: 0,
    files: 0,
  }
  expect(renderLine('Uploading dataset/sample', begun)).toBe(
    'Uploading dataset/sample:   0 % · 0 B of 1.0 GB · 0 B/s · 0 of 10,000 files · reading and sending',
  )
})

test('empty files count as files', () => {
  const empty = { ...progress, bytes: 0, totalBytes: 0, files: 5000, reusedBytes: 0, bytesPerSecond: 0 }
  expect(renderLine('x', empty)).toContain(' 50 %')
})
