// Bundles the command line into one CommonJS file: one file to read and no module graph to resolve at every start.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

await build({
  entryPoints: [at('src/cli/entry.ts')],
  outfile: at('dist/alfwrapper.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'external',
  logLevel: 'warning',
  // It pulls in ICU tables to measure the width of help texts that are plain ASCII.
  // CommonJS has no import.meta; yargs asks for it once, to find its own directory.
  define: { 'import.meta.url': 'alfBundleUrl' },
  banner: { js: "const alfBundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  alias: { 'string-width': at('scripts/string-width.mjs') },
});
