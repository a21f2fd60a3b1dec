/** Gathers what an option says each time that it is given. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}
