import { isBucketName, withoutSecrets } from './address.ts'
import { TrackwayError } from './errors.ts'

/** Characters that an address may have at the most. */
const longest = 4096

/** What an `s3://` address may say besides bucket and key: whose credentials are used is for its readers to say. */
const s3Parameters: ReadonlySet<string> = new Set(['endpoint', 'region', 'addressing'])

/**
 * The address of data that stays where it is: `https://…`, `http://…`, or `s3://bucket/key` with `endpoint`, `region`
 * and `addressing` where they are needed. Throws `option_invalid` for anything else, and for users and passwords.
 */
export function parseDataAddress(text: string): URL {
  const problem = addressProblem(text)
  if (problem === undefined) return new URL(text)
  throw new TrackwayError('option_invalid', `The address '${withoutSecrets(text).slice(0, 200)}' ${problem}`)
}

function addressProblem(text: string): string | undefined {
  if (text.length > longest) return `has more than ${longest} characters`
  if (!URL.canParse(text))
    return 'is none; write it as https://host/path, http://host/path or s3://bucket/key'
  const url = new URL(text)
  if (!['https:', 'http:', 's3:'].includes(url.protocol)) {
    return `begins with ${url.protocol}, which is not fetched; what begins with https:, http: and s3: is`
  }
  // Those of the endpoint in an address of S3 as well.
  if (
    url.username !== '' ||
    url.password !== '' ||
    /\/\/[^/]*@/.test(url.searchParams.get('endpoint') ?? '')
  ) {
    return 'has a user or a password in it; an address is kept for years and shown to the whole team, and nothing of the kind is sent'
  }
  if (url.hash !== '') return 'has something behind a #, which is never sent; a # in a name is written %23'
  return url.protocol === 's3:' ? s3Problem(url) : undefined
}

function s3Problem(url: URL): string | undefined {
  const unknown = [...url.searchParams.keys()].filter((name) => !s3Parameters.has(name))
  if (unknown.length > 0) {
    return `says ${unknown.join(', ')}; of an object in a bucket an address says ${[...s3Parameters].join(', ')} and nothing else, and credentials come from the environment of whoever reads it`
  }
  if (url.port !== '' || !isBucketName(url.hostname))
    return 'has no valid name of a bucket; a host and a port belong into ?endpoint='
  const endpoint = url.searchParams.get('endpoint')
  if (endpoint !== null && !/^https?:\/\/[^/]/.test(endpoint))
    return 'has an endpoint that is none; write it as http://host:port or https://host'
  if (/^\/?$|\/$/.test(url.pathname)) return 'names no object; write it as s3://bucket/key'
  return decoded(url.pathname) === undefined ? 'has a % that begins no escape; write it %25' : undefined
}

/** The key of an object that an `s3://` address names. */
export function objectKeyOf(address: URL): string {
  return decoded(address.pathname.slice(1)) ?? address.pathname.slice(1)
}

/** The last segment of an address's path, as a name; undefined where there is none that could be one. */
export function lastSegmentOf(address: URL): string | undefined {
  const name = decoded(address.pathname.split('/').at(-1) ?? '')?.normalize('NFC')
  return name === '' || name?.includes('/') ? undefined : name
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined // It has a % that begins no escape.
  }
}

// Parameters by which a signature, a token or a key is handed over, as they are known of Amazon, Google, Azure, Alibaba
// and Tencent, of content networks and of web APIs. Compared in lower case, without what stands between the words.
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

/** What keys and tokens look like that begin with a mark of their own, ours among them. */
const keyLike =
  /(?<![A-Za-z0-9])(tw_[\w-]{43}|(AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|gh[opsur]_\w{36}|github_pat_\w{22}|glpat-[\w-]{20}|hf_[A-Za-z0-9]{30}|sk-(proj|ant)-[\w-]{20}|sk-[A-Za-z0-9]{40}|xox[abprs]-[\w-]{10}|eyJ[\w-]{8,}\.eyJ[\w-]{8})/

/** What in an address seems to be a secret, for people; undefined where nothing does. The secret itself is not in it. */
export function secretIn(address: URL): string | undefined {
  const parameter = [...address.searchParams.keys()].find((name) =>
    secretParameters.has(name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')),
  )
  if (parameter !== undefined) return `the parameter ${parameter}`
  return keyLike.test(decoded(address.href) ?? address.href) ? 'what looks like a key or a token' : undefined
}
