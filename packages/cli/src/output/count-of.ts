/** Formats a count with its noun: '1 file', '2 files', '5,000 files'. */
export function countOf(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? word : `${word}s`}`
}
