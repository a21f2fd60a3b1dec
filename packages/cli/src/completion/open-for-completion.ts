import type { Opened } from '../options/scope-options.ts'

/** A user does not wait longer than this for a completion. */
const budgetMs = 2_000

/** Opens a session with the options typed so far. */
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
