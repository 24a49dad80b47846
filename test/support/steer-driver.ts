// A stand-in for the command line: launches with a hand-assembled list of allowed sources on a tier of the test's
// choice. Bundled, it takes the place of dist/alfwrapper.cjs behind the shim.
//
//   TIER LOCK ALLOWED LISTENER[+LISTENER…] PROGRAM [ARGUMENTS…]
//
// With STEER_UNSIGNED set it behaves as on a kernel without TCP's MD5 signatures. LOCK is lock or open, ALLOWED a comma-separated list of prefixes, LISTENER is tcp,ADDRESS,PORT or udp,ADDRESS,PORT.
import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AlfError, exitStatus, formatError } from '../../src/errors/index.js';
import {
  lookupVariable,
  parseRecord,
  RECORD_VARIABLE,
  resolveProgram,
  targetEnvironment,
} from '../../src/exec/index.js';
import { launch } from '../../src/launch/index.js';
import { loadOps, type Ops } from '../../src/native/index.js';
import { parseAddress, parsePort } from '../../src/net/index.js';
import { type Config, type ListenerConfig, makePlan } from '../../src/plan/index.js';
import { gatherFacts } from '../../src/probe/index.js';
import { LISTENER_INDEX } from '../../src/socket/index.js';
import { allowSources } from './steer-program.js';

const KEEP_ALL = 0xffffffff;

const [tier = '', lock = '', allowed = '', listeners = '', ...program] = process.argv.slice(2);
const root = dirname(dirname(process.argv[1] ?? ''));
const bytes = (text: string): Uint8Array => Buffer.from(text);
const environ = Object.entries(process.env).map(([name, value]) => bytes(`${name}=${value}`));

try {
  const environment = targetEnvironment(environ);
  const record = parseRecord(lookupVariable(environ, RECORD_VARIABLE)?.toString());
  const argv = program.map(bytes);
  const path = resolveProgram(argv[0] ?? new Uint8Array(), lookupVariable(environment, 'PATH'));
  const ops = process.env['STEER_UNSIGNED'] === undefined ? loadOps(root) : unsigned(loadOps(root));
  const facts = gatherFacts(ops);
  const config: Config = {
    listeners: listeners.split('+').map(readListener),
    entryFiles: [],
    entries: [],
    tier: tier as Config['tier'],
    lock: lock === 'lock',
    target: program,
  };
  const prefixes = allowed.split(',');
  const filter = {
    name: 'by-hand',
    file: '',
    spec: { entry: 'filter', maps: [], littleEndian: true },
    compile: (on: 'classic' | 'steer') => allowSources(prefixes, on === 'steer' ? LISTENER_INDEX : KEEP_ALL),
  };
  const plan = makePlan(config, filter, facts);
  launch(
    plan,
    {
      object: new Uint8Array(),
      target: { path, argv, environment, record },
      credentials: facts.credentials,
      pid: process.pid,
      keeper: `${root}/build/native/alf-keeper`,
      report: (line) => void writeSync(2, `alfwrapper: ${line}\n`),
    },
    ops,
  );
} catch (error) {
  if (!(error instanceof AlfError)) throw error;
  writeSync(2, formatError(error));
  process.exitCode = exitStatus(error.code);
}

function readListener(text: string): ListenerConfig {
  const [protocol, address = '', port = ''] = text.split(',');
  return {
    type: protocol === 'udp' ? 'datagram' : 'stream',
    address: parseAddress(address),
    port: parsePort(port),
  };
}

function unsigned(ops: Ops): Ops {
  return { ...ops, core: { ...ops.core, md5Key: () => -ops.core.constants.EINPROGRESS } };
}
