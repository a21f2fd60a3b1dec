/** The schemes of URLs that name a store. Every other location of a store is the path of a folder. */
const storeSchemes = ['s3:'] as const

/** The scheme of a URL that names a store. */
export type StoreScheme = (typeof storeSchemes)[number]

/** The scheme of a text that is meant to name a store by a URL, correctly or not. */
export function storeSchemeOf(text: string): StoreScheme | undefined {
  return storeSchemes.find((scheme) => text.toLowerCase().startsWith(scheme))
}

/** Whether a text is meant to name a bucket, correctly or not. */
export function isBucketAddress(text: string): boolean {
  return storeSchemeOf(text) !== undefined
}

/** The parts of a bucket's address that identify the bucket: its name, the prefix and the endpoint. */
export function canonicalBucketAddress(text: string, variables: Record<string, string | undefined>): string {
  if (!URL.canParse(text)) return text // Opening it reports the problem.
  const { protocol, host, pathname, searchParams } = new URL(text)
  const { AWS_ENDPOINT_URL_S3: forS3, AWS_ENDPOINT_URL: forAll } = variables
  const endpoint = searchParams.get('endpoint') ?? forS3 ?? forAll
  const location = `${protocol}//${host}${pathname}`.replace(/\/+$/, '')
  return endpoint ? `${location}?endpoint=${endpoint.replace(/\/+$/, '')}` : location
}

/** Whether any S3 store allows a bucket this name. */
export function isBucketName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(text)
}

/**
 * Whether a text is a URL of some kind, and not a path: `C:\\data` is a path, `s3:/bucket` a misspelled URL.
 */
export function isAddress(text: string): boolean {
  return isBucketAddress(text) || /^[a-z][a-z0-9+.-]+:\/\//i.test(text)
}

/** A URL for messages, without possible secrets: user, password, keys, and everything after the path. */
export function withoutSecrets(address: string): string {
  return address
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
    .replace(/[?#].*$/s, '')
    .replace(/\btw_[\w-]+/g, 'tw_…')
}
