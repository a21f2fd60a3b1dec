/**
 * The longest time that work holds the event loop: milliseconds of this thread's own time between two ticks
 * of a timer. What other processes of a busy machine take does not count.
 */
export async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = clocks()
  const tick = () => {
    const now = clocks()
    longest = Math.max(longest, Math.min(...now.map((ms, number) => ms - (last[number] ?? 0))))
    last = now
  }
  const timer = setInterval(tick, 1)
  try {
    await work()
    tick()
  } finally {
    clearInterval(timer)
  }
  return longest
}

/** Milliseconds. Before Node 23.9 no clock tells a thread's own time: the lesser of process and wall time. */
function clocks(): number[] {
  const { threadCpuUsage }: { threadCpuUsage?: () => NodeJS.CpuUsage } = process
  if (threadCpuUsage !== undefined) return [sumOf(threadCpuUsage())]
  return [sumOf(process.cpuUsage()), performance.now()]
}

function sumOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}
