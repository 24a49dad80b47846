// Bundles the command line for start-up: one CommonJS file to read and no module graph to resolve. The help, with yargs
// behind it, lies in a file of its own that a launch never opens.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Leaves `import('./help.js')` a run-time import of the bundle next door. */
const helpApart = {
  name: 'help-apart',
  setup: (builder) => {
    builder.onResolve({ filter: /^\.\/help\.js$/ }, () => ({ path: './help.cjs', external: true }));
  },
};

await build({
  entryPoints: { alfwrapper: at('src/cli/entry.ts'), help: at('src/cli/help.ts') },
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
  plugins: [helpApart],
});
