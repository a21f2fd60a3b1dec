import { dripping, endless, packed } from './floods.ts'
import { about, type Kind, type Lie, type Told } from './lie.ts'
import { html } from './lies-of-manifests.ts'

const json: readonly Kind[] = ['record', 'list', 'json', 'urls']
const encode = (text: string) => new TextEncoder().encode(text)
const many = 200_000
const million = 1_000_000

function anyJson(name: string, answer: Lie['answer']): Lie {
  return about(json, name, answer)
}

/** The lists that answers have. */
function inEveryList(item: string, count: number): string {
  const items = `${`${item},`.repeat(count)}${item}`
  return `{"items":[${items}],"points":[],"history":[],"aliases":{},"inputs":[],"outputs":[],"usedBy":[]}`
}

async function page(told: Told, next: string): Promise<Response | undefined> {
  if (told.kind !== 'list') return undefined
  const answer = await told.honest()
  return answer.ok ? Response.json({ ...(await answer.json()), next }) : answer
}

let asked = 0

/** Lies about all that is returned as JSON. */
export const liesOfAnswers: readonly Lie[] = [
  anyJson('HTML', html),
  anyJson('nothing', () => new Response('')),
  anyJson('null', () => Response.json(null)),
  anyJson('an empty object', () => Response.json({})),
  anyJson('an empty list', () => Response.json([])),
  anyJson(
    'JSON that is cut',
    async ({ honest }) => new Response((await (await honest()).text()).slice(0, -1)),
  ),
  anyJson(
    'the wrong type',
    async ({ honest }) =>
      new Response(await (await honest()).text(), { headers: { 'content-type': 'image/png' } }),
  ),
  anyJson('304 to what was not asked', () => new Response(null, { status: 304 })),
  anyJson('a redirect', () => new Response(null, { status: 307, headers: { location: '/elsewhere/evil' } })),
  anyJson('404 without a problem', () => new Response('no', { status: 404 })),
  anyJson('500', () => new Response('no', { status: 500 })),
  anyJson(
    '429 that asks for an hour',
    () => new Response('no', { status: 429, headers: { 'retry-after': '3600' } }),
  ),
  anyJson('a connection that is cut', () => 'drop'),
  anyJson('silence', () => 'silence'),
  anyJson('silence after the headers', () => new Response(new ReadableStream())),
  anyJson('a drip', async ({ honest }) => new Response(dripping(encode(await (await honest()).text()), 50))),
  anyJson('no end', () => new Response(endless(encode(' '.repeat(1024 * 1024))))),
  anyJson('no end of items', () => new Response(endless(encode('{"items":[0],'.repeat(100_000))))),
  anyJson(
    'a problem without an end',
    () => new Response(endless(encode(' '.repeat(1024 * 1024))), { status: 404 }),
  ),
  anyJson('a header of 200,000 bytes', () => new Response('{}', { headers: { 'x-long': 'x'.repeat(many) } })),
  anyJson('200,000 wrong values', () => new Response(inEveryList('7', many))),
  anyJson('four million wrong values', () => new Response(inEveryList('7', 4 * million))),
  anyJson(
    'half a million wrong values in a table',
    () => new Response(`{"aliases":{${Array.from({ length: million / 2 }, (_, at) => `"${at}":7`).join()}}}`),
  ),
  anyJson('five million empty lists', () => new Response(inEveryList('[]', 5 * million))),
  anyJson(
    'lists nested a million deep',
    () => new Response(`{"items":${'['.repeat(million)}${']'.repeat(million)}}`),
  ),
  anyJson(
    'lists nested 20,000 deep',
    () => new Response(`{"items":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
  ),
  anyJson('15 MiB of text', () => Response.json({ items: [], next: 'x'.repeat(15 * 1024 * 1024) })),
  ...packed.map(({ encoding, bomb }) => anyJson(`unpacking to ${encoding} bombs`, bomb)),
  about('list', 'pages without an end', (told) => page(told, `${(asked += 1)}`)),
  about('list', 'pages in a circle of one', (told) => page(told, 'again')),
  about('list', 'pages in a circle of three', (told) => page(told, `${(asked += 1) % 3}`)),
  {
    mostMiB: 480,
    ...about('list', 'long pages without an end', async (told) => {
      const answer = await told.honest()
      if (!answer.ok) return answer
      const {
        items = [],
        points = [],
        ...rest
      }: { items?: unknown[]; points?: unknown[] } = await answer.json()
      const often = <Item>(list: Item[]) =>
        Array.from({ length: 5000 }, () => list)
          .flat()
          .slice(0, 10_000)
      return Response.json({ ...rest, items: often(items), points: often(points), next: `${(asked += 1)}` })
    }),
  },
]
