// Node 22.21, 24.0 and newer use these when NODE_USE_ENV_PROXY is set, but never ALL_PROXY. Deno and Bun always use them.
const usesEnvironment = '--use-env-proxy'

/** What a user may do where a request to this address failed and the environment names a proxy; undefined where it does not. */
export function proxyAdvice(url: URL): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const given = [name, 'ALL_PROXY'].find((variable) => variableOf(variable) !== undefined)
  if (given === undefined || 'Deno' in globalThis || 'Bun' in globalThis || goesPast(url)) return undefined
  if (given === 'ALL_PROXY')
    return `ALL_PROXY is set, which Node does not obey: set ${name} and NODE_USE_ENV_PROXY=1; see docs/proxies.md`
  if (isObeyed())
    return `It is asked through the proxy that ${name} names: is that running, and does it let this host through? NO_PROXY=${url.hostname} goes past it; see docs/proxies.md`
  return `${name} is set, which Node obeys only with NODE_USE_ENV_PROXY=1 (from 22.21 and 24.0 on); see docs/proxies.md`
}

function isObeyed(): boolean {
  const words = [...process.execArgv, process.env['NODE_OPTIONS'] ?? '']
  return process.env['NODE_USE_ENV_PROXY'] === '1' || words.some((word) => word.includes(usesEnvironment))
}

/** Whether NO_PROXY names the host, or a domain that it is in. */
function goesPast({ hostname, host }: URL): boolean {
  const names = (variableOf('NO_PROXY') ?? '').toLowerCase().split(/[\s,]+/)
  return names
    .map((name) => name.replace(/^\*?\./, ''))
    .some(
      (name) =>
        name === '*' || (name !== '' && [hostname, host].includes(name)) || hostname.endsWith(`.${name}`),
    )
}

/** Either spelling is in use. */
function variableOf(name: string): string | undefined {
  return process.env[name.toLowerCase()] || process.env[name] || undefined
}
