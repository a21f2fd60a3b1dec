import type { Opened } from '../place-options.ts'

/** Who waits for a completion does not wait longer. */
const budgetMs = 2_000

/** A session where the options say that were typed so far. */
export async function openForCompletion({
  host,
  store,
  team,
  experiment,
}: Record<string, string>): Promise<Opened> {
  const { login } = await import('@trackway/sdk')
  const signal = AbortSignal.timeout(budgetMs)
  const session = await login({ host, store, team, experiment, create: false, quiet: true, signal })
  return { session, at: { experiment: session.experiment, signal } }
}
