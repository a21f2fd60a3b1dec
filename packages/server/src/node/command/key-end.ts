import { InvalidArgumentError } from 'commander'

const hourMs = 60 * 60 * 1000
const isDay = /^\d{4}-\d\d-\d\d$/

/**
 * When a key expires: after `90d` or `12h`, at the end of a day such as `2027-01-31` (UTC), or at an ISO 8601
 * time.
 */
export function parseKeyEnd(text: string, now = Date.now()): Date {
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(text) ?? []
  const end =
    count === undefined
      ? parseTime(text)
      : new Date(now + Number(count) * (unit === 'd' ? 24 * hourMs : hourMs))
  if (end === undefined)
    throw new InvalidArgumentError(
      'Give how long it is valid, such as 90d or 12h, or a date, such as 2027-01-31.',
    )
  if (end.getTime() <= now) throw new InvalidArgumentError('The key would already be expired.')
  return end
}

function parseTime(text: string): Date | undefined {
  if (!isDay.test(text) && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text))
    return undefined
  const time = new Date(isDay.test(text) ? `${text}T23:59:59.999Z` : text)
  // JavaScript turns a day that the month does not have into one of the next month.
  const exists = !Number.isNaN(time.getTime()) && (!isDay.test(text) || time.toISOString().startsWith(text))
  return exists ? time : undefined
}
