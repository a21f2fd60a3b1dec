/** Options without those that are undefined, which would take the place of defaults. */
export function withoutUndefined<Options extends object>(options: Options): Options {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Options // What is left of it.
}
