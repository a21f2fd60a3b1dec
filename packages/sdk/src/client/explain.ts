import { isTransientStatus, refusedPorts, routePath, TrackwayError } from '@trackway/protocol'
import { proxyAdvice } from '#platform'
import { toTypedError } from '../errors.ts'
import type { MakeBody } from '../platform/request-body.ts'
import type { Failure } from './failure.ts'

const page = 'docs/proxies.md'

type Answer = NonNullable<Failure['answer']>

/** A request that failed, as an error that says where to look. */
export function explain(failure: Failure): TrackwayError {
  return failure.answer === undefined ? explainNoAnswer(failure) : explainAnswer(failure, failure.answer)
}

function explainAnswer(failure: Failure, { status, known, text, waitMs }: Answer): TrackwayError {
  const details = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  const asksToWait = waitMs === undefined ? '' : `. It asks to wait for ${Math.ceil(waitMs / 1000)} seconds`
  if (known !== undefined) {
    const { code, requestId, retryable } = known
    const keyWords = code === 'unauthorized' ? `. ${whichKey(failure.keyOrigin)}` : ''
    const lacksKey = code === 'unauthorized' && failure.keyOrigin === undefined
    return toTypedError(
      new TrackwayError(code, `${known.reason}${keyWords}${asksToWait}`, {
        status,
        hint: lacksKey ? { kind: 'apiKey' } : known.hint,
        retryable,
        details: { ...known.details, ...details },
        ...(requestId !== undefined && { requestId }),
      }),
    )
  }
  const [code, words] = wordsOfAnswer(failure, { status, text })
  return new TrackwayError(code, `${failure.attempted}: ${words}${asksToWait}`, { status, details })
}

function wordsOfAnswer(
  failure: Failure,
  { status, text }: Pick<Answer, 'status' | 'text'>,
): [TrackwayError['code'], string] {
  const { label, url, makeBody } = failure
  if (status === 413) {
    return [
      'too_large',
      `a proxy in front of ${label} does not accept a request of ${sizeOf(makeBody)} (413). It has to allow 20 MiB, and 256 MiB for the largest versions (nginx: client_max_body_size 256m); see ${page}`,
    ]
  }
  if (status === 407) return ['network_error', wantsCredentials(label)]
  if (isTransientStatus(status)) {
    return [
      'network_error',
      `${label} kept answering ${status} without Trackway's error format; a proxy may be in front of a server that is down`,
    ]
  }
  if (status === 400 && url.protocol === 'http:' && /https|ssl|tls/i.test(text))
    return ['not_trackway', `${label} speaks TLS; write the host as ${asTls(label)}`]
  const whose = `the server at ${label} is not a Trackway server (status ${status})`
  return [
    'not_trackway',
    /^"(\s|\\[nrt])*</.test(text)
      ? `${whose}; it returned a page, such as one of a proxy or a login. Log in there, or bypass the proxy; see ${page}`
      : `${whose}; check the host.${hostAdvice(failure)}`.replace(/\.$/, ''),
  ]
}

function wantsCredentials(label: string): string {
  return `a proxy in front of ${label} requires credentials (407). Put them into its URL in HTTPS_PROXY or HTTP_PROXY; see ${page}`
}

function whichKey(keyOrigin: string | undefined): string {
  return keyOrigin === undefined ? 'No API key was sent' : `The API key came from ${keyOrigin}`
}

function sizeOf(makeBody: MakeBody | undefined): string {
  const { body = null, headers } = makeBody?.() ?? {}
  if (typeof body === 'object' && body !== null && 'getReader' in body) void body.cancel().catch(() => {})
  const bytes = Number(headers?.['content-length'] ?? (typeof body === 'string' ? body.length : Number.NaN))
  return Number.isFinite(bytes) ? `${bytes.toLocaleString('en')} bytes` : 'this size'
}

function asTls(label: string): string {
  return label.replace(/^http:/i, 'https:')
}

function explainNoAnswer(failure: Failure): TrackwayError {
  const { attempted, label, url, reason, lasting } = failure
  if (url.port !== '' && refusedPorts.has(Number(url.port))) {
    return new TrackwayError(
      'config_invalid',
      `${attempted}: browsers and other runtimes do not connect to port ${url.port}, which belongs to another protocol; let the server listen on another port, such as 9111`,
    )
  }
  if (failure.isTimeout) {
    const advice = hintOfProxy(failure) ?? 'try again when the network is better'
    return new TrackwayError(
      'timeout',
      `${attempted}: ${label} did not answer in time (${reason}); ${advice}`,
    )
  }
  if (lasting === 'redirect') {
    return new TrackwayError(
      'not_trackway',
      `${attempted}: ${label} redirects to another URL, where the API key must not be sent; use that URL as the host. If it is a login page, a proxy answers instead of the server; see ${page}`,
    )
  }
  return new TrackwayError('network_error', `${attempted}: ${wordsOfSilence(failure)}`)
}

function wordsOfSilence(failure: Failure): string {
  const { label, reason, lasting } = failure
  if (lasting === 'untold') return wantsCredentials(label)
  if (lasting === 'noTls') {
    const plain = label.replace(/^https:/i, 'http:')
    return `${label} answers, but not in TLS. Does it speak plain http? Try ${plain}`
  }
  if (lasting === 'noHttp')
    return `${label} answers, but not in HTTP (${reason}). Does it speak TLS? Try ${asTls(label)}`
  if (lasting === 'tls')
    return `${label} speaks no TLS that this machine accepts (${inShort(reason)}). Let it speak TLS 1.2 or newer; see ${page}`
  if (lasting === 'proxy') {
    return `the proxy does not connect to ${label} (${reason}). Does it need credentials in its URL, or does it have to allow this host? See ${page}`
  }
  if (damagedWords.test(reason)) {
    return `${label} answers, but the answer is damaged on its way (${reason}). A proxy may cause that: bypass it; see ${page}`
  }
  return `${label} could not be reached (${inShort(reason)}). ${adviceOn(failure)}`
}

// What Node says about HTTP that breaks its rules, and about invalid compressed bytes.
const damagedWords =
  /does not match the HTTP\/1\.1 protocol|Parse Error|does not match content-length|Headers Overflow|incorrect header check|unexpected end of file|unknown compression method/i

/** OpenSSL's message, without its functions and files. */
function inShort(reason: string): string {
  return /:SSL routines:[^:]*:([^:]+)/.exec(reason)?.[1] ?? reason
}

function adviceOn(failure: Failure): string {
  const { reason, url, label } = failure
  if (/expired/i.test(reason)) return "Renew the server's certificate, or set this machine's clock"
  if (/altnames|not valid for name|hostname mismatch/i.test(reason))
    return 'Its certificate is for another name: use that name as the host, or give the server a certificate for this one'
  if (/certificate required/i.test(reason))
    return 'It requires a client certificate: pass a fetch to login that sends one'
  if (/certificate|self.signed|issuer/i.test(reason)) {
    return `This machine does not know who signed its certificate: start the program with NODE_EXTRA_CA_CERTS=<file with the CA's certificate, as PEM>; see ${page}`
  }
  const proxy = hintOfProxy(failure)
  if (proxy !== undefined) return proxy
  if (/ENOTFOUND|EAI_AGAIN/.test(reason))
    return `Is the host name right, and is there a network?${hostAdvice(failure)}`
  if (/TLS|SSL/i.test(reason)) return 'Does the server speak https as this machine does?'
  // All that Chromium, Firefox and Safari tell a page about many causes. A mocked fetch says the same in
  // Node.
  const isSparing = /^(Failed to fetch|NetworkError when attempting to fetch resource|Load failed)/.test(
    reason,
  )
  if (isSparing && typeof location !== 'undefined')
    return `Is the server running, is the address right, and does it allow pages of ${location.origin} (--allowed-origin)?`
  // After the first answer it is known to speak HTTP.
  const isFirst = url.pathname.endsWith(routePath('getService'))
  const mayBeTls =
    isFirst && url.protocol === 'http:' && /other side closed|ECONNRESET|socket hang up/i.test(reason)
  return mayBeTls
    ? `Does it speak TLS? Then write the host as ${asTls(label)}`
    : `Is the server running, and is the address right?${hostAdvice(failure)}`
}

function hostAdvice({ labelOrigin }: Failure): string {
  return labelOrigin === undefined ? '' : ` The host came from ${labelOrigin}`
}

function hintOfProxy({ isRemote, url }: Failure): string | undefined {
  return isRemote ? proxyAdvice?.(url) : undefined
}
