// Writes the code cache of the bundle: rehearses starts on all tiers, so that V8 compiles the functions that a start uses, and
// saves the result. The native calls of a rehearsal do nothing.
const { writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = dirname(__dirname);
const boot = join(root, 'dist/alfwrapper.cjs');

const RULES = [
  'deny from 198.51.100.0/24,2001:db8:bad::/48',
  'allow in on lo',
  'allow proto tcp from private port 1024-65535',
  'allow from 192.0.2.1-192.0.2.99 to any port 443',
  'deny from 2001:db8:1::1',
];
const POLICY = RULES.flatMap((rule) => ['--rule', rule]);
const STARTS = [
  ...['steer', 'classic', 'ebpf'].map((tier) => ['--port', '0', '--tier', tier, ...POLICY, 'true']),
  ['--listen', '127.0.0.1:0', '--tier', 'steer', '--allow', 'private', '--', 'true'],
  ['--port', '0', '--policy', join(root, 'examples/web.rules'), 'true'],
  ['--port', '0', 'whitelist-private', 'true'],
];

/** Calls that succeed without an effect, except those whose result is used. */
function pretend(calls) {
  const answers = {
    // Every tier works, also where this user may not use it.
    probe: () => ({ ebpf: 0, classicTcp: 0, classicUdp: 0, steer: 0, ipv6: 0 }),
    launchOpen: () => ({ bound: [], companion: 0 }),
    launchSettle: () => ({ removed: [] }),
    launchHandover: () => undefined,
    pidfdId: () => 0n,
    link: calls.link,
    takeLog: () => '',
  };
  return new Proxy(calls, {
    get: (object, name) =>
      typeof object[name] === 'function'
        ? (answers[name] ?? (() => (name === 'interfaceIndex' ? 1 : 0)))
        : object[name],
  });
}

async function rehearse(main, argv) {
  const { exports } = addon('alf');
  const core = pretend(exports);
  const bpf = pretend(new Proxy({}, { get: () => () => 0 }));
  const lines = [];
  const status = await main({
    argv,
    rawArgv: argv.map((word) => Buffer.from(word)),
    environment: [Buffer.from('PATH=/usr/bin:/bin')],
    record: '0 0 1024:1024 0,1,2,',
    pid: process.pid,
    nodeVersion: process.versions.node,
    root,
    ops: { core, bpf: () => bpf },
    write: (_, text) => lines.push(text),
  });
  if (status !== 0 || lines.length > 0) throw new Error(`${argv.join(' ')}: ${status} ${lines.join('')}`);
}

function addon(name) {
  const module = { exports: {} };
  process.dlopen(module, join(root, `build/native/${name}.node`));
  return module;
}

process.argv = [process.execPath, boot, '--version'];
const { main, script, cacheFile } = require(boot);
(async () => {
  for (const argv of STARTS) await rehearse(main, argv);
  writeFileSync(cacheFile, script.createCachedData());
})();
