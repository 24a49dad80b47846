// Bundles the command line for start-up: one CommonJS file and no module graph to resolve, with a code cache of V8 next to it.
// Help and commands, which use yargs, engines that compile, and readers of lists are separate files that most launches
// never open.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Bundles by their entry module; an `import()` of one stays a run-time import of its bundle. */
const APART = {
  './help.js': './help.cjs',
  './commands/index.js': './commands.cjs',
  './clang/index.js': './clang.cjs',
  './bcc/index.js': './bcc.cjs',
};

/**
 * Modules that few launches use, by their import name: separate bundles, which are read when one of their functions is
 * called.
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

// V8 accepts a cache for any source of the same length, so no cache may outlive its bundle.
rmSync(at('dist'), { recursive: true, force: true });

/** Every character of the help has one column. The package for other widths needs Node.js 20, and 24 ms for its tables. */
const countColumns = {
  name: 'count-columns',
  setup: (builder) => {
    builder.onLoad({ filter: /node_modules\/string-width\/index\.js$/ }, () => ({
      contents: 'export default (text) => [...text].length;',
    }));
  },
};

/** Each kind of interception, in the order of their numbers. */
const INTERCEPTIONS = ['fetch', 'create'].flatMap((mechanism) =>
  [false, true].map((steers) => ({ mechanism, steers })),
);

/** The seccomp programs are the same for every launch: assembled here, a start does not have to. */
const assembleNow = {
  name: 'assemble-now',
  setup: (builder) => {
    builder.onLoad({ filter: /\/src\/compile\/seccomp\/index\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await build({
        entryPoints: [path],
        bundle: true,
        format: 'cjs',
        platform: 'node',
        write: false,
        logLevel: 'warning',
      });
      const module = { exports: {} };
      new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, require);
      const { compileGuard, compileInterception, GUARD_MACHINES } = module.exports;
      const programs = GUARD_MACHINES.map((machine) => {
        const assembled = [
          compileGuard(machine),
          ...INTERCEPTIONS.map((interception) => compileInterception(machine, interception)),
        ];
        return [machine, assembled.map((program) => Buffer.from(program).toString('hex'))];
      });
      return {
        contents: `export { explainSeccomp } from './explain.js';
          const programs = new Map(${JSON.stringify(programs)});
          const find = (machine, index) =>
            programs.has(machine) ? Buffer.from(programs.get(machine)[index], 'hex') : undefined;
          export const GUARD_MACHINES = [...programs.keys()];
          export const compileGuard = (machine) => find(machine, 0);
          export const compileInterception = (machine, { mechanism, steers }) =>
            find(machine, 1 + (mechanism === 'create' ? 2 : 0) + (steers ? 1 : 0));`,
        loader: 'ts',
        resolveDir: dirname(path),
      };
    });
  },
};

const options = {
  outdir: at('dist'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node18.19',
  format: 'cjs',
  // Names are kept for the stack of an internal error; restoring minified names would take a call for each function.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'external',
  logLevel: 'warning',
  // A script with a code cache cannot use import() at run time, only require().
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
  plugins: [keepApart, readWhenUsed, countColumns, assembleNow],
};
// Built before the bundles that use them, whose build reads their exports.
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

// The library for programs, with its types.
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
// Node chooses a hash seed at each start, against untrusted keys, and rehashes its snapshot. Here only the caller chooses keys.
// A node that does not know the flag ends, so the entry passes it to this node only, which it recognizes by its inode
// number: a node that is installed later has another.
const known = (candidates) =>
  candidates.filter(
    (flag) => spawnSync(process.execPath, [flag, '-e', '0'], { stdio: 'ignore' }).status === 0,
  );
const flags = known(['--no-rehash-snapshot']);
// For a process that may not generate code. The second one prevents a warning of V8 about the first one.
const interpret = [...flags, ...known(['--jitless', '--no-expose-wasm'])];
writeFileSync(
  at('dist/node-flags'),
  `${statSync(process.execPath, { bigint: true }).ino} ${flags.join(' ')}\n${interpret.join(' ')}\n`,
);
for (const given of [flags, interpret, []]) {
  execFileSync(process.execPath, [...given, at('scripts/code-cache.cjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
