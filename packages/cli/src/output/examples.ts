/** What stands at the end of a command's help: lines to copy, each below what it does. */
export function examples(...lines: readonly [line: string, about: string][]): string {
  return ['\nExamples:', ...lines.flatMap(([line, about]) => [`  # ${about}`, `  ${line}`])].join('\n')
}
