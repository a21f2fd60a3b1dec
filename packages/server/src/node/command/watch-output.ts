/** Explains, in one line, why writing to standard output failed. */
type Tell = (message: string) => void

/**
 * Ends a command silently if the program that reads its output ends first (`trackway ls | head -1`), and with
 * an exit code if its output is lost, as on a full disk. Failures of standard error are ignored: there is
 * nowhere else to report them. Call it once, before anything is written.
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
    // Exit code 1 is the result of `diff`, which was lost; a failure's exit code remains.
    if (lost && code <= 1) process.exitCode = exitCode
  })
}
