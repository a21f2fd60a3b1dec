import {
  apiBase,
  routeParameters,
  problemMediaType,
  problemSchema,
  routes,
  routeSummaries,
  type Route,
} from '@trackway/protocol'
import * as z from 'zod/mini'

/** The protocol as an OpenAPI 3.1 document, made from the table of routes that the server uses. */
export function createOpenApi(): object {
  const paths: Record<string, Record<string, unknown>> = {}
  const summaries: Record<string, string> = routeSummaries
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = apiBase + route.path
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: describeRoute(name, route, summaries[name]),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Trackway',
      version: '1',
      description: 'Versions of datasets and models. docs/protocol.md says in which order to call what.',
    },
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'tw_ and 256 random bits' },
        address: {
          type: 'apiKey',
          in: 'query',
          name: 'signature',
          description: 'With key and expires, from the answer of makeSignedUrls for this file',
        },
      },
      schemas: { Problem: schemaOf(problemSchema) },
    },
  }
}

function describeRoute(name: string, route: Route, summary: string | undefined): object {
  return {
    operationId: name,
    summary,
    ...(route.access === 'public'
      ? { security: [] }
      : {
          security: [{ apiKey: [] }, ...(route.signable ? [{ address: [] }] : [])],
          description: accessText(route),
        }),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.body !== undefined && { requestBody: { required: true, content: contentOf(route.body) } }),
    responses: {
      ...Object.fromEntries((route.statuses ?? [200]).map((status) => [status, success(route)])),
      default: {
        description: 'A problem (RFC 9457); its code says which',
        content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

function accessText({ access }: Route): string {
  return access === 'key' ? 'Needs any valid API key.' : `Needs the role ${access} in the team.`
}

function success({ path, response }: Route): object {
  // The name of a file decides its type, which may be any.
  const isFile = path.endsWith('{path}')
  return { description: 'Success', content: contentOf(isFile ? '*/*' : response) }
}

function contentOf(body: z.ZodMiniType | string): object {
  if (typeof body !== 'string') return { 'application/json': { schema: schemaOf(body) } }
  if (body !== 'multipart/form-data') return { [body]: { schema: { type: 'string', format: 'binary' } } }
  const part = {
    type: 'string',
    format: 'binary',
    description: 'The bytes of the blob whose digest is the name of the part',
  }
  return { [body]: { schema: { type: 'object', additionalProperties: part } } }
}

function pathParameters({ path }: Route): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const parameter = Object.entries(routeParameters).find(([key]) => key === name)?.[1]
    return {
      name,
      in: 'path',
      required: true,
      schema: parameter === undefined ? { type: 'string' } : schemaOf(parameter.schema),
      example: parameter?.example,
    }
  })
}

function queryParameters({ query }: Route): object[] {
  if (!(query instanceof z.ZodMiniObject)) return []
  return Object.entries<z.core.$ZodType>(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(schema),
  }))
}

function schemaOf(schema: z.core.$ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { unrepresentable: 'any' })
  return rest
}
