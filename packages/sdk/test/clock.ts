let passedMs = 0
const now = performance.now.bind(performance)
performance.now = () => now() + passedMs

/** Lets time pass at once, so that a budget for retries that suits a busy machine is soon used up. */
export function pass(ms: number): void {
  passedMs += ms
}
