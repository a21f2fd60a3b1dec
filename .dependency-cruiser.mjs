// Who may import whom. Each rule carries its reason.
const source = '^packages/[^/]+/src/'
/** The folders of the SDK, from the top down: each imports only from those after it. */
const layersOfTheSdk = [
  'session',
  'push',
  'artifact',
  'disk/assets',
  'disk/download',
  'archive',
  'upload',
  'disk/folder',
  'read',
  'version',
  'calls',
  'client',
  'platform',
  'disk/staging',
  'disk/threads',
  'tasks',
  'disk/files',
  'display',
  'progress',
  'content',
  'concurrency',
]
/** What an application loads that imports `login` and `Artifact`. */
const loadedAtOnce =
  '^packages/sdk/src/(errors|parts/load|session/(current|login|config|api-key|remembered-server)|artifact/(artifact|artifact-options|entry|draft|check-metadata)|version/version|client/(attempt|call|connect|elsewhere|failure|retry|retry-notice|send))\\.ts$'
const tests = '\\.test\\.ts$|^packages/[^/]+/test/'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'A cycle has no lower layer: neither file can be understood first. What is loaded later is not needed to understand a file.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
    },
    {
      name: 'protocol-needs-nobody',
      comment:
        'The contract knows neither end of the wire; beside zod it needs SHA-256 for browsers and edit distances.',
      severity: 'error',
      from: { path: '^packages/protocol/src/', pathNot: tests },
      to: {
        path: '^packages/(server|sdk|mock-server)/|node_modules/',
        pathNot: 'node_modules/(zod|@noble/hashes|fastest-levenshtein)/',
      },
    },
    {
      name: 'server-knows-no-client',
      comment: 'The server answers whoever speaks the protocol.',
      severity: 'error',
      from: { path: '^packages/server/', pathNot: tests },
      to: { path: '^packages/(sdk|mock-server)/|node_modules/(ky|msw|form-data)/' },
    },
    {
      name: 'sdk-loads-the-server-only-when-embedded',
      comment: 'The server is optional to the SDK: it comes by dynamic import, in one place, or not at all.',
      severity: 'error',
      from: { path: '^packages/sdk/src/', pathNot: tests },
      to: { path: '^packages/server/', dependencyTypesNot: ['type-only', 'dynamic-import'] },
    },
    {
      name: 'loaded-at-once',
      comment:
        'What every page loads imports only what every page loads. The rest is in the parts that parts/load.ts names; `pnpm size` measures them.',
      severity: 'error',
      from: { path: loadedAtOnce },
      to: {
        path: '^packages/sdk/src/',
        pathNot: `${loadedAtOnce}|^packages/sdk/src/((platform|content|concurrency)/|read/draft-entry\\.ts$)`,
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'parts-in-one-file',
      comment: 'What is loaded when it is needed can be seen in one file.',
      severity: 'error',
      from: {
        path: '^packages/sdk/src/',
        pathNot: `^packages/sdk/src/(parts/load\\.ts$|platform/)|${tests}`,
      },
      to: { dependencyTypes: ['dynamic-import'] },
    },
    {
      name: 'parts-are-loaded',
      comment: 'A part is loaded when it is needed, not imported.',
      severity: 'error',
      from: { path: '^packages/sdk/src/' },
      to: {
        path: '^packages/sdk/src/parts/(?!load\\.ts$)',
        dependencyTypesNot: ['dynamic-import'],
      },
    },
    ...layersOfTheSdk.slice(1).map((layer, above) => ({
      name: `sdk-${layer}-knows-nothing-above`,
      comment: 'A folder of the SDK can be understood from the folders below it alone.',
      severity: 'error',
      from: { path: `^packages/sdk/src/${layer}/`, pathNot: tests },
      to: { path: `^packages/sdk/src/((${layersOfTheSdk.slice(0, above + 1).join('|')})/|index\\.ts$)` },
    })),
    {
      name: 'disk-behind-a-door',
      comment:
        'Browsers have no disk: what needs one is reached through #disk, and through the platform that has it.',
      severity: 'error',
      from: { path: '^packages/sdk/src/', pathNot: `^packages/sdk/src/(disk/|platform/node)|${tests}` },
      to: { path: '^packages/sdk/src/disk/', pathNot: '/disk\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sdk-knows-no-mock',
      comment: 'What users ship does not contain test tools.',
      severity: 'error',
      from: { path: '^packages/sdk/src/', pathNot: tests },
      to: { path: '^packages/mock-server/|node_modules/(msw|hono)/' },
    },
    {
      name: 'mock-knows-no-sdk',
      comment: 'The mock serves any client.',
      severity: 'error',
      from: { path: '^packages/mock-server/src/', pathNot: tests },
      to: { path: '^packages/sdk/' },
    },
    {
      name: 'nobody-imports-the-command',
      comment:
        'A command is the outermost layer: what it needs of Trackway, others may need too, and belongs below.',
      severity: 'error',
      from: { pathNot: '^packages/cli/' },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'command-uses-public-entries',
      comment:
        'The command is a user of the SDK, and of the one command of the server that it offers as well.',
      severity: 'error',
      from: { path: '^packages/cli/src/' },
      to: {
        path: '^packages/(protocol|mock-server)/|^packages/sdk/(?!src/index\\.ts$)|^packages/server/(?!src/node/command/index\\.ts$)',
      },
    },
    {
      name: 'command-loads-the-sdk-when-it-runs',
      comment: 'Help and completion of options are there at once: the SDK comes by dynamic import.',
      severity: 'error',
      from: { path: '^packages/cli/src/' },
      to: { path: '^packages/sdk/', dependencyTypesNot: ['type-only', 'dynamic-import'] },
    },
    {
      name: 'ky-in-one-place',
      comment: 'How requests are sent and sent again is decided once.',
      severity: 'error',
      from: { path: source, pathNot: `^packages/sdk/src/client/|${tests}` },
      to: { path: 'node_modules/ky/' },
    },
    {
      name: 'small-edition-of-zod',
      comment: 'In browsers it is a quarter of the size, and schemas of both do not mix in types.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: 'node_modules/zod/(index|v4/classic)' },
    },
    {
      name: 'msw-in-one-place',
      comment: 'msw is one way to reach the mock.',
      severity: 'error',
      from: { path: source, pathNot: `^packages/mock-server/src/handlers\\.ts$|${tests}` },
      to: { path: 'node_modules/msw/' },
    },
    {
      name: 'node-behind-a-door',
      comment: 'Everything else runs in browsers too: what needs Node is in a folder that says so.',
      severity: 'error',
      from: {
        path: source,
        pathNot: `^packages/server/src/node/|^packages/cli/src/|^packages/mock-server/src/command\\.ts$|^packages/sdk/src/(platform/node|disk/)|^packages/protocol/src/(node/|sha256-node\\.ts$)|${tests}`,
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'display-behind-a-door',
      comment:
        'Browsers do not carry what notebooks and terminals show: it comes with the platform that has them.',
      severity: 'error',
      from: {
        path: '^packages/sdk/src/',
        pathNot: `^packages/sdk/src/(display/|platform/node/)|${tests}`,
      },
      to: { path: '^packages/sdk/src/display/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'layers-of-the-server',
      comment: 'The engine knows no HTTP and no rights, and a store knows no engine.',
      severity: 'error',
      from: { path: '^packages/server/src/engine/', pathNot: tests },
      to: { path: '^packages/server/src/(http|auth|node)/|node_modules/hono/' },
    },
    {
      name: 'rights-know-no-requests',
      comment: 'Who may do what is the same for everything that is served.',
      severity: 'error',
      from: { path: '^packages/server/src/auth/', pathNot: tests },
      to: { path: '^packages/server/src/(http|node)/|node_modules/hono/' },
    },
    {
      name: 'mounts-share-what-knows-none',
      comment: 'What every mount needs works for a mount that is not the protocol.',
      severity: 'error',
      from: {
        path: '^packages/server/src/http/',
        pathNot: `^packages/server/src/http/(handlers/|protocol-mount\\.ts$|create-app\\.ts$)|${tests}`,
      },
      to: { path: '^packages/server/src/http/(handlers/|protocol-mount\\.ts$)' },
    },
    {
      name: 'adapters-by-their-schemes',
      comment: 'A kind of store that URLs name is a folder and a line in the registry of schemes.',
      severity: 'error',
      from: {
        path: '^packages/(server|sdk|cli|mock-server)/',
        pathNot: `^packages/server/src/node/(s3/|store-schemes\\.ts$|index\\.ts$)|${tests}`,
      },
      to: { path: '^packages/server/src/node/s3/|node_modules/@aws-sdk/' },
    },
    {
      name: 'resources-know-no-registry',
      comment: 'A resource can be understood from its own file and those that it names.',
      severity: 'error',
      from: {
        path: '^packages/protocol/src/(resources/|route\\.ts$|page\\.ts$|fields\\.ts$|parameter\\.ts$)',
        pathNot: tests,
      },
      to: { path: '^packages/protocol/src/(resources|route-path|index)\\.ts$' },
    },
    {
      name: 'stores-are-the-lowest',
      comment: 'An object store maps keys to bytes and does not know what they mean.',
      severity: 'error',
      from: { path: '^packages/server/src/stores/', pathNot: tests },
      to: { path: '^packages/server/src/(engine|http|auth|node)/' },
    },
    {
      name: 'tools-apart',
      comment:
        'Each tool can be read, changed and deleted alone. Only processes, S3 servers and the simulation are shared.',
      severity: 'error',
      from: { path: '^tools/([^/]+)/' },
      to: { path: '^tools/', pathNot: '^tools/($1|processes|s3-servers|simulation)/' },
    },
    {
      name: 'examples-are-copied',
      comment: "An example works in its reader's project: nothing of this repository comes with it.",
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^tools/' },
    },
    {
      name: 'packages-need-no-tools',
      comment: 'Tools serve development: only a test uses one, for an S3 server or a simulation.',
      severity: 'error',
      from: { path: '^packages/', pathNot: tests },
      to: { path: '^tools/' },
    },
    {
      name: 'sdk-tests-use-the-public-api',
      comment:
        'A test shows what a user notices. Those of single modules are in test/units; fresh-functions loads a module again, upload changes a file between two reads, and browser puts a page in the place of Node.',
      severity: 'error',
      from: { path: '^packages/sdk/test/(?!units/|fresh-functions\\.ts$|(browser|upload)\\.test\\.ts$)' },
      to: { path: '^packages/sdk/src/(?!index\\.ts$)' },
    },
    {
      name: 'nobody-imports-tests',
      comment: 'What ships does not rest on what is not shipped.',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|/\\.work/' },
    tsConfig: { fileName: 'tsconfig.check.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['@trackway/source', 'node', 'import', 'default'],
      exportsFields: ['exports'],
    },
  },
}
