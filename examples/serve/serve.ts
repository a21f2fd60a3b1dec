// Serves predictions of one version of a model until it is stopped.
// node serve.ts <pin of the model>, such as model/penguins:V2. It listens on HOST and PORT: 127.0.0.1, 8080.
import { serve } from '@hono/node-server'
import { fetchAsset } from '@trackway/sdk'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import { measurementsSchema, predict, readModel } from './model.ts'

// A pin, not an alias: every start and restart serves the same model, and a cached model needs no request.
const pinSchema = z
  .string()
  .regex(/^model\/[^:[]+:V\d+$/, 'Pin a model by its tag, such as model/penguins:V2')
const pin = pinSchema.parse(process.argv[2] ?? '')
const { HOST = '127.0.0.1', PORT = '8080' } = process.env

const model = await readModel(await fetchAsset(`${pin}[model.json]`, { experiment: 'penguins' }))
const measurements = measurementsSchema(model)

const app = new Hono()
app.get('/healthz', (context) => context.json({ status: 'ok', model: pin }))
app.post('/predict', bodyLimit({ maxSize: 64 * 1024 }), async (context) => {
  const { data, error } = measurements.safeParse(await context.req.json().catch(() => undefined))
  if (error) return context.json({ error: z.prettifyError(error) }, 400)
  return context.json({ model: pin, ...predict(model, data) })
})

const server = serve({ fetch: app.fetch, hostname: HOST, port: Number(PORT) }, ({ port }) => {
  console.log(`${pin} answers at http://${HOST}:${port}`)
})
// Open requests are answered first; then nothing keeps the process running.
process.once('SIGTERM', () => server.close())
