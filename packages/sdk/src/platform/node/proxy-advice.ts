// Node 22.21, 24.0 and newer use these when NODE_USE_ENV_PROXY is set, but never ALL_PROXY. Deno and Bun
// always use them.
const usesEnvironment = '--use-env-proxy'

/** Advice for a failed request to this address if the environment names a proxy; otherwise undefined. */
export function proxyAdvice(url: URL): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const given = [name, 'ALL_PROXY'].find((variable) => variableOf(variable) !== undefined)
  if (given === undefined || 'Deno' in globalThis || 'Bun' in globalThis || goesPast(url)) return undefined
  if (given === 'ALL_PROXY')
    return `ALL_PROXY is set, which Node ignores: set ${name} and NODE_USE_ENV_PROXY=1; see docs/proxies.md`
  if (isObeyed())
    return `The request goes through the proxy in ${name}: is it running, and does it allow this host? NO_PROXY=${url.hostname} bypasses it; see docs/proxies.md`
  return `${name} is set, which Node uses only with NODE_USE_ENV_PROXY=1 (since 22.21 and 24.0); see docs/proxies.md`
}

function isObeyed(): boolean {
  const words = [...process.execArgv, process.env['NODE_OPTIONS'] ?? '']
  return process.env['NODE_USE_ENV_PROXY'] === '1' || words.some((word) => word.includes(usesEnvironment))
}

/** Whether NO_PROXY names the host, or a domain that contains it. */
function goesPast({ hostname, host }: URL): boolean {
  const names = (variableOf('NO_PROXY') ?? '').toLowerCase().split(/[\s,]+/)
  return names
    .map((name) => name.replace(/^\*?\./, ''))
    .some(
      (name) =>
        name === '*' || (name !== '' && [hostname, host].includes(name)) || hostname.endsWith(`.${name}`),
    )
}

/** Both spellings are in use. */
function variableOf(name: string): string | undefined {
  return process.env[name.toLowerCase()] || process.env[name] || undefined
}
