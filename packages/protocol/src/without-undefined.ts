/** Removes options that are undefined, which would otherwise override defaults. */
export function withoutUndefined<Options extends object>(options: Options): Options {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Options // The type of what remains.
}
