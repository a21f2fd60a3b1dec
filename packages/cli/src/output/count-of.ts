/** '1 file', '2 files'. */
export function countOf(count: number, word: string): string {
  return `${count} ${count === 1 ? word : `${word}s`}`
}
