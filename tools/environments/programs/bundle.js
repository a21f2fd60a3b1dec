// Bundles programs/upload.js in the given folder with the given bundler, as its users do, and prints the
// files to run. The options are those that each bundler documents for Node; none is specific to Trackway.
import { join } from 'node:path'

const [, , bundler, folder, format] = process.argv
const input = join(folder, 'upload.js')
const extension = format === 'cjs' ? 'cjs' : 'mjs'

const bundlers = {
  async esbuild(outfile) {
    const { build } = await import('esbuild')
    await build({ entryPoints: [input], bundle: true, platform: 'node', format, outfile, logLevel: 'error' })
  },
  async webpack(outfile) {
    const { default: webpack } = await import('webpack')
    const isModule = format === 'esm'
    await new Promise((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          target: 'node22.18',
          context: folder,
          entry: input,
          optimization: { minimize: false },
          experiments: { outputModule: isModule },
          output: {
            path: join(outfile, '..'),
            filename: `bundle.${extension}`,
            chunkFilename: `[id].${extension}`,
            ...(isModule && { module: true, chunkFormat: 'module', library: { type: 'module' } }),
          },
        },
        (error, stats) => {
          if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')))
          else resolve()
        },
      )
    })
  },
  async rollup(outfile) {
    const { rollup } = await import('rollup')
    const { default: nodeResolve } = await import('@rollup/plugin-node-resolve')
    const { default: commonjs } = await import('@rollup/plugin-commonjs')
    const { default: json } = await import('@rollup/plugin-json')
    const plugins = [nodeResolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), json()]
    const bundle = await rollup({ input, plugins, onwarn() {} })
    await bundle.write({ ...namesFor(outfile), format })
  },
  async rolldown(outfile) {
    const { rolldown } = await import('rolldown')
    const bundle = await rolldown({ input, platform: 'node', onLog() {} })
    await bundle.write({ ...namesFor(outfile), format })
  },
  async vite(outfile) {
    const { build } = await import('vite')
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: { ssr: input, outDir: join(outfile, '..'), rollupOptions: { output: namesFor(outfile) } },
    })
  },
}

function namesFor(outfile) {
  return {
    dir: join(outfile, '..'),
    entryFileNames: `bundle.${extension}`,
    chunkFileNames: `[name]-[hash].${extension}`,
  }
}

await bundlers[bundler](join(folder, 'out', `bundle.${extension}`))
