import { benchClassic } from './classic/classic.js';
import { benchStartup } from './startup/startup.js';
import { benchVerdict } from './verdict/verdict.js';
import { benchVerify } from './verify/verify.js';

/** Every benchmark by name. `short` says that it should only show that it runs. */
const BENCHES: Readonly<Record<string, (short: boolean) => void>> = {
  startup: (short) => benchStartup(short ? 3 : 41),
  verify: (short) => benchVerify(short ? 2 : 21),
  classic: benchClassic,
  verdict: benchVerdict,
};

const args = process.argv.slice(2);
const short = args.includes('--short');
const names = args.filter((arg) => !arg.startsWith('--'));

for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const bench = BENCHES[name];
  if (bench === undefined)
    throw new Error(`no benchmark ${name}; there are: ${Object.keys(BENCHES).join(', ')}`);
  bench(short);
}
