// Bundles the command line for start-up: one CommonJS file to read and no module graph to resolve, with the code that V8
// makes of it beside it. Help and commands, with yargs behind them, engines that compile and readers of lists lie in
// files of their own that most launches never open.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Bundles by the module they start at; an `import()` of one of them stays a run-time import of its bundle. */
const APART = {
  './help.js': './help.cjs',
  './commands/index.js': './commands.cjs',
  './clang/index.js': './clang.cjs',
  './bcc/index.js': './bcc.cjs',
};

/**
 * What few launches call a function of: bundles of their own, which are read when one of the functions is called. By the
 * word that imports them.
 */
const LATER = {
  'ip-address': 'ip-address',
  './lists/index.js': at('src/policy/lists/index.ts'),
  './unreachable-search.js': at('src/policy/unreachable-search.ts'),
};

/** `lists` for `./lists/index.js`. */
const nameOf = (imported) => basename(imported.replace(/(\/index)?\.js$/, ''));

const readWhenUsed = {
  name: 'read-when-used',
  setup: (builder) => {
    builder.onResolve({ filter: /./ }, ({ path, kind, namespace }) => {
      if (namespace === 'later') return { path, external: true };
      return kind === 'import-statement' && path in LATER ? { path, namespace: 'later' } : undefined;
    });
    builder.onLoad({ filter: /./, namespace: 'later' }, ({ path }) => {
      const bundle = `./${nameOf(path)}.cjs`;
      const names = Object.keys(require(at(`dist/${bundle}`)));
      const getters = names.map((name) => `get ${name}() { return require('${bundle}').${name} }`);
      return { contents: `module.exports = { ${getters.join(', ')} };` };
    });
  },
};

const keepApart = {
  name: 'keep-apart',
  setup: (builder) => {
    builder.onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind === 'dynamic-import' && path in APART ? { path: APART[path], external: true } : undefined,
    );
  },
};

// V8 takes a cache for that of any source as long as this one: none may outlive its bundle.
rmSync(at('dist'), { recursive: true, force: true });

/** What is printed has one column a character. The package that knows others needs Node.js 20, and 24 ms for its tables. */
const countColumns = {
  name: 'count-columns',
  setup: (builder) => {
    builder.onLoad({ filter: /node_modules\/string-width\/index\.js$/ }, () => ({
      contents: 'export default (text) => [...text].length;',
    }));
  },
};

const options = {
  outdir: at('dist'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node18.19',
  format: 'cjs',
  // Names stay: an internal error is told by its stack, and to keep them apart from the code takes a call for each.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'external',
  logLevel: 'warning',
  // A script that is run with a code cache can import nothing at run time, but require it.
  supported: { 'dynamic-import': false },
  // CommonJS has no import.meta; yargs asks for it once, to find its own directory.
  define: {
    'import.meta.url': 'alfBundle.url',
    // Its parser refuses what it does not support, but works on Node.js 18; the tests show it.
    'process.env.YARGS_MIN_NODE_VERSION': '"18"',
  },
  banner: {
    js: "const alfBundle = { get url() { return require('node:url').pathToFileURL(__filename).href } };",
  },
  plugins: [keepApart, readWhenUsed, countColumns],
};
// Before those that read them: what they export is asked of them.
for (const [imported, module] of Object.entries(LATER))
  await build({ ...options, entryPoints: { [nameOf(imported)]: module } });
await build({
  ...options,
  entryPoints: {
    main: at('src/cli/entry.ts'),
    help: at('src/cli/help.ts'),
    commands: at('src/cli/commands/index.ts'),
    clang: at('src/filter/clang/index.ts'),
    bcc: at('src/filter/bcc/index.ts'),
  },
});

// What programs import, with its types.
await build({
  entryPoints: { bcc: at('src/cli/library/bcc.ts') },
  outdir: at('dist'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node18.19',
  format: 'esm',
  logLevel: 'warning',
});
execFileSync(at('node_modules/.bin/tsc'), ['--project', at('scripts/tsconfig.types.json')], {
  stdio: 'inherit',
});

copyFileSync(at('scripts/boot.cjs'), at('dist/alfwrapper.cjs'));
// Node draws a seed for hashes at each start, against strangers who choose keys, and hashes all that it brings anew. Nobody
// but who starts us chooses ours. A node that does not know the flag ends, so the entry passes it to this one only,
// which it knows by the number of its inode: a node that is installed later has another.
const flags = ['--no-rehash-snapshot'].filter(
  (flag) => spawnSync(process.execPath, [flag, '-e', '0'], { stdio: 'ignore' }).status === 0,
);
writeFileSync(
  at('dist/node-flags'),
  `${statSync(process.execPath, { bigint: true }).ino} ${flags.join(' ')}\n`,
);
for (const given of [flags, []]) {
  execFileSync(process.execPath, [...given, at('scripts/code-cache.cjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
