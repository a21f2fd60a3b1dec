const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** Parses a number of bytes such as `1500`, `500MB` or `1.5 TB`; undefined if the text is not one. */
export function parseSize(text: string): number | undefined {
  const [, number, prefix = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(text) ?? []
  const unit = units[prefix.toLowerCase()]
  return number === undefined || unit === undefined ? undefined : Math.round(Number(number) * unit)
}
