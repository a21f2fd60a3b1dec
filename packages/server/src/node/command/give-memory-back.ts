import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How much of a processor a server may take to count as quiet. */
const quiet = 0.25
/** How much more than after the last collection is worth another one. */
const worthwhile = 1.25
/** Fewer connections hold little memory. */
const manyConnections = 32

/**
 * Collects garbage once the process is quiet, if it was busy, holds more memory than before, or has closed
 * half of its connections. V8 collects only while memory is asked for, so that what a burst of requests
 * left would stay, and it keeps freed pages for later. After slow readers 432 MiB were resident, and 171
 * after such a collection, which took 70 ms.
 */
export function giveMemoryBack(everyMs = 5_000): void {
  setFlagsFromString('--expose-gc')
  // V8 adds it to contexts that are made from now on.
  const collect: (options: object) => void = runInNewContext('gc')
  let seen = process.cpuUsage()
  let seenAt = performance.now()
  let held = process.memoryUsage.rss()
  let mostConnections = 0
  let wasBusy = false
  const look = () => {
    const { user, system } = process.cpuUsage(seen)
    const isQuiet = (user + system) / 1000 < quiet * (performance.now() - seenAt)
    seen = process.cpuUsage()
    seenAt = performance.now()
    const connections = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    mostConnections = Math.max(mostConnections, connections)
    wasBusy ||= !isQuiet
    const haveClosed = mostConnections >= manyConnections && connections < mostConnections / 2
    const isWorthwhile = wasBusy || haveClosed || process.memoryUsage.rss() > held * worthwhile
    if (!isQuiet || !isWorthwhile) return
    collect({ type: 'major', flavor: 'last-resort' })
    held = process.memoryUsage.rss()
    mostConnections = connections
    wasBusy = false
  }
  setInterval(look, everyMs).unref()
}
