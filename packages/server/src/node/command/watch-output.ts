/** Says, in one line, why standard output could not be written. */
type Tell = (message: string) => void

/**
 * Ends a command quietly where the program that reads its output ends before it (`trackway ls | head -1`), and with an
 * exit code where its output is lost, as on a full disk. What standard error does not take is lost without a word: there
 * is no other place for it. Call it once, before anything is written.
 */
export function watchOutput(exitCode: number, tell: Tell): void {
  let lost = false
  process.stderr.on('error', () => {})
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || lost) return
    lost = true
    const why = error.message.replace(/, write$/, '')
    tell(`Writing to standard output failed (${why}); what the command did before that is done`)
  })
  process.on('exit', (code) => {
    // 1 says what `diff` found, which was lost; what a command failed with remains.
    if (lost && code <= 1) process.exitCode = exitCode
  })
}
