import { isBucketName, withoutSecrets } from './address.ts'
import { TrackwayError } from './errors.ts'

/** The most characters of a URL. */
const longest = 4096

/** The parameters of an `s3://` URL. Credentials are not among them: each reader uses its own. */
const s3Parameters: ReadonlySet<string> = new Set(['endpoint', 'region', 'addressing'])

/**
 * The URL of data that stays where it is: `https://…`, `http://…`, or `s3://bucket/key` with `endpoint`,
 * `region` and `addressing` if needed. Throws `option_invalid` for anything else, and for users and
 * passwords.
 */
export function parseDataAddress(text: string): URL {
  const problem = addressProblem(text)
  if (problem === undefined) return new URL(text)
  throw new TrackwayError('option_invalid', `The address '${withoutSecrets(text).slice(0, 200)}' ${problem}`)
}

function addressProblem(text: string): string | undefined {
  if (text.length > longest) return `has more than ${longest} characters`
  if (!URL.canParse(text))
    return 'is not a URL; write it as https://host/path, http://host/path or s3://bucket/key'
  const url = new URL(text)
  if (!['https:', 'http:', 's3:'].includes(url.protocol)) {
    return `begins with ${url.protocol}, which is not supported; use https:, http: or s3:`
  }
  // Including those of the endpoint of an S3 URL.
  if (
    url.username !== '' ||
    url.password !== '' ||
    /\/\/[^/]*@/.test(url.searchParams.get('endpoint') ?? '')
  ) {
    return 'contains a user or a password; an address is stored for years and shown to the whole team, so remove them'
  }
  if (url.hash !== '') return 'has a fragment (#…), which is never sent; write a # in a name as %23'
  return url.protocol === 's3:' ? s3Problem(url) : undefined
}

function s3Problem(url: URL): string | undefined {
  const unknown = [...url.searchParams.keys()].filter((name) => !s3Parameters.has(name))
  if (unknown.length > 0) {
    return `has the parameters ${unknown.join(', ')}; an s3:// address takes only ${[...s3Parameters].join(', ')}, and its readers take credentials from their environment`
  }
  if (url.port !== '' || !isBucketName(url.hostname))
    return 'lacks a valid bucket name; a host and a port belong in ?endpoint='
  const endpoint = url.searchParams.get('endpoint')
  if (endpoint !== null && !/^https?:\/\/[^/]/.test(endpoint))
    return 'has an invalid endpoint; write it as http://host:port or https://host'
  if (/^\/?$|\/$/.test(url.pathname)) return 'does not name an object; write it as s3://bucket/key'
  return decoded(url.pathname) === undefined
    ? 'has a % that does not begin an escape; write it as %25'
    : undefined
}

/** The key of an object that an `s3://` address names. */
export function objectKeyOf(address: URL): string {
  return decoded(address.pathname.slice(1)) ?? address.pathname.slice(1)
}

/** The last segment of a URL's path, as a name; undefined if it cannot be one. */
export function lastSegmentOf(address: URL): string | undefined {
  const name = decoded(address.pathname.split('/').at(-1) ?? '')?.normalize('NFC')
  return name === '' || name?.includes('/') ? undefined : name
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined // It has a % that does not begin an escape.
  }
}

// Parameters that carry a signature, a token or a key, as known from Amazon, Google, Azure, Alibaba
// and Tencent, from CDNs and from web APIs. Compared in lower case, without separators between words.
const secretParameters: ReadonlySet<string> = new Set([
  'xamzsignature',
  'xamzcredential',
  'xamzsecuritytoken',
  'xgoogsignature',
  'xgoogcredential',
  'xosssignature',
  'xosscredential',
  'xosssecuritytoken',
  'awsaccesskeyid',
  'googleaccessid',
  'ossaccesskeyid',
  'keypairid',
  'qsignature',
  'signature',
  'sig',
  'hdnts',
  'hdnea',
  'token',
  'authtoken',
  'accesstoken',
  'idtoken',
  'refreshtoken',
  'privatetoken',
  'securitytoken',
  'sessiontoken',
  'jwt',
  'apikey',
  'xapikey',
  'accesskey',
  'accesskeyid',
  'secretkey',
  'secretaccesskey',
  'subscriptionkey',
  'clientsecret',
  'secret',
  'password',
  'passwd',
  'pwd',
  'auth',
  'authorization',
  'credential',
  'credentials',
])

/** Keys and tokens that begin with a known prefix, including ours. */
const keyLike =
  /(?<![A-Za-z0-9])(tw_[\w-]{43}|(AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|gh[opsur]_\w{36}|github_pat_\w{22}|glpat-[\w-]{20}|hf_[A-Za-z0-9]{30}|sk-(proj|ant)-[\w-]{20}|sk-[A-Za-z0-9]{40}|xox[abprs]-[\w-]{10}|eyJ[\w-]{8,}\.eyJ[\w-]{8})/

/** Names what seems to be a secret in a URL, without repeating it; undefined if nothing does. */
export function secretIn(address: URL): string | undefined {
  const parameter = [...address.searchParams.keys()].find((name) =>
    secretParameters.has(name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')),
  )
  if (parameter !== undefined) return `the parameter ${parameter}`
  return keyLike.test(decoded(address.href) ?? address.href)
    ? 'text that looks like a key or a token'
    : undefined
}
