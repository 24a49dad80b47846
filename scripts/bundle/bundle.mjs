// Bundles the command line into one CommonJS file: one file to read and no module graph to resolve at every start.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

await build({
  entryPoints: [here('../../src/cli/entry.ts')],
  outfile: here('../../dist/alfwrapper.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'external',
  logLevel: 'warning',
  define: {
    // CommonJS has no import.meta; yargs asks for it once, to find its own directory.
    'import.meta.url': 'alfBundleUrl',
    // A mere look at these makes a pipe or terminal non-blocking for everybody who shares it. yargs wants the width.
    'process.stdout': 'alfNoStream',
    'process.stderr': 'alfNoStream',
  },
  banner: {
    js: "const alfBundleUrl = require('node:url').pathToFileURL(__filename).href, alfNoStream = {};",
  },
  alias: {
    assert: here('assert.mjs'),
    'string-width': here('string-width.mjs'),
  },
});
