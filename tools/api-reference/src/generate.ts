import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  Application,
  Comment,
  Converter,
  ReflectionKind,
  type Context,
  type DeclarationReflection,
} from 'typedoc'
import { groupMembers, groupsOf } from './groups.ts'

/** The modules that users import and that have pages, with the files that define them. */
const entries = [
  {
    name: '@trackway/sdk',
    file: 'packages/sdk/src/index.ts',
    about: 'Versions datasets and models from training scripts, notebooks and services.',
  },
  {
    name: '@trackway/mock-server',
    file: 'packages/mock-server/src/index.ts',
    about: 'A server for tests: in memory, behind msw or on a port, with faults on demand.',
  },
  {
    name: '@trackway/server',
    file: 'packages/server/src/index.ts',
    about: 'The server as a function from requests to responses, over an object store.',
  },
  {
    name: '@trackway/server/node',
    file: 'packages/server/src/node/index.ts',
    about: 'What the server needs of Node, Deno or Bun: folders, buckets and ports.',
  },
]

/** Our packages, and names without a page that their pages may mention, such as those of schemas. */
const packages = {
  '@trackway/protocol': ['errorCodes', 'runStateSchema', 'roleSchema'],
  '@trackway/sdk': [],
  '@trackway/server': ['DirectoryStoreOptions'],
  '@trackway/mock-server': [],
}

/** The layout of the pages. */
const layout = {
  router: 'member',
  entryFileName: 'README',
  excludeScopesInPaths: true,
  hidePageHeader: true,
  indexFormat: 'table',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  expandParameters: false,
  useCodeBlocks: true,
  tableColumnSettings: {
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
    hideDefaults: true,
  },
}

/** Writes the pages into a folder. Prints missing docstrings and dead links; false if there are any. */
export async function generate({ root, folder }: { root: string; folder: string }): Promise<boolean> {
  const app = await Application.bootstrapWithPlugins({
    plugin: [fileURLToPath(import.meta.resolve('typedoc-plugin-markdown'))],
    tsconfig: join(import.meta.dirname, '../tsconfig.json'),
    entryPoints: entries.map(({ file }) => join(root, file)),
    outputs: [{ name: 'markdown', path: folder }],
    name: 'API reference',
    logLevel: 'Warn',
    readme: 'none',
    // Leave out everything that differs between machines and commits.
    disableGit: true,
    disableSources: true,
    hideGenerator: true,
    includeVersion: false,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    sort: [],
    categoryOrder: entries.flatMap(({ file }) => groupsOf(join(root, file)).map(({ title }) => title)),
    packagesRequiringDocumentation: Object.keys(packages),
    treatWarningsAsErrors: true,
  })
  // Options of the plugin.
  for (const [name, value] of Object.entries(layout)) app.options.setValue(name as never, value as never)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context: Context) => {
    for (const module of context.project.children ?? []) describeModule(root, module)
    for (const parameter of context.project.getReflectionsByKind(ReflectionKind.Parameter)) {
      // A destructured parameter has no name.
      if (parameter.name === '__namedParameters') parameter.name = 'options'
    }
  })
  const project = await app.convert()
  if (project === undefined) return false
  app.options.setValue('validation', {
    notDocumented: true,
    invalidLink: true,
    invalidPath: true,
    notExported: false,
  })
  app.validate(project)
  app.options.setValue('validation', {
    notDocumented: false,
    invalidLink: false,
    invalidPath: false,
    notExported: true,
  })
  for (const [name, without] of Object.entries(packages)) {
    // typedoc looks for names without a page only in the project's own package.
    project.packageName = name
    app.options.setValue('intentionallyNotExported', without)
    app.validate(project)
  }
  if (app.logger.hasErrors() || app.logger.hasWarnings()) return false
  await app.generateOutputs(project)
  return !app.logger.hasErrors() && !app.logger.hasWarnings()
}

/** Names a module as users import it, and groups its exports as its file does. */
function describeModule(root: string, module: DeclarationReflection): void {
  const entry = entries.find(({ file }) => file === `packages/${module.name}/index.ts`)
  if (entry === undefined) throw new Error(`There is no entry named ${module.name}`)
  module.name = entry.name
  module.comment = new Comment([{ kind: 'text', text: entry.about }])
  groupMembers(module, groupsOf(join(root, entry.file)))
  for (const member of module.children ?? []) {
    // The type that a type is derived from has no page; show the properties as the type's own.
    if (member.extendedTypes?.some((type) => type.toString().includes('typeof '))) delete member.extendedTypes
    for (const property of member.children ?? []) {
      delete property.inheritedFrom
      delete property.overwrites
    }
  }
}
