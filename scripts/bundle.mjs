// Bundles the command line for start-up: one CommonJS file to read and no module graph to resolve. Help and commands,
// with yargs behind them, lie in files of their own that a launch never opens.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Bundles by the module they start at; an `import()` of one of them stays a run-time import of its bundle. */
const APART = { './help.js': './help.cjs', './commands/index.js': './commands.cjs' };

const keepApart = {
  name: 'keep-apart',
  setup: (builder) => {
    builder.onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind === 'dynamic-import' && path in APART ? { path: APART[path], external: true } : undefined,
    );
  },
};

await build({
  entryPoints: {
    alfwrapper: at('src/cli/entry.ts'),
    help: at('src/cli/help.ts'),
    commands: at('src/cli/commands/index.ts'),
  },
  outdir: at('dist'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'external',
  logLevel: 'warning',
  // CommonJS has no import.meta; yargs asks for it once, to find its own directory.
  define: { 'import.meta.url': 'alfBundleUrl' },
  banner: { js: "const alfBundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  plugins: [keepApart],
});
