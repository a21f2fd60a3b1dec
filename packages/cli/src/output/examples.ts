/** The examples at the end of a command's help: each command below a comment that says what it does. */
export function examples(...lines: readonly [line: string, about: string][]): string {
  return ['\nExamples:', ...lines.flatMap(([line, about]) => [`  # ${about}`, `  ${line}`])].join('\n')
}
