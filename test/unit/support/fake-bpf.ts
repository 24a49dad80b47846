import { expect } from 'vitest';
import type { BpfOps } from '../../../src/kernel/index.js';

/**
 * libbpf, as far as a load needs it: everything works but for `answers`, by the call as a whole, `objectLoad(5, filter,
 * false)`, or by its name.
 */
export function fakeBpf(answers: Readonly<Record<string, number>> = {}, log = '', again = log) {
  const calls: string[] = [];
  const said = ['left over from before', log, again];
  const call = (name: string, args: readonly (string | number | boolean)[], fallback: number) => {
    const whole = `${name}(${args.join(', ')})`;
    calls.push(whole);
    return answers[whole] ?? answers[name] ?? fallback;
  };
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const untouched = () => expect.unreachable();
  const bpf: BpfOps = {
    objectOpen: (file, name) => call('objectOpen', [hex(file), name], 5),
    relocateKernelSymbols: (...args) => call('relocateKernelSymbols', args, 0),
    objectLoad: (...args) => call('objectLoad', args, 0),
    objectInstructions: () => expect.unreachable(),
    programLoad: () => expect.unreachable(),
    programTestRun: () => expect.unreachable(),
    objectProgram: (...args) => call('objectProgram', args, 11),
    objectMap: (handle, name) => call('objectMap', [handle, name], name === 'a' ? 21 : 22),
    objectClose: (...args) => call('objectClose', args, 0),
    programId: (...args) => call('programId', args, 31),
    mapUpdate: (fd, key, value) => call('mapUpdate', [fd, hex(key), hex(value)], 0),
    ...{ mapLookup: untouched, mapDelete: untouched, mapNextKey: untouched },
    possibleCpus: () => call('possibleCpus', [], 3),
    mapUpdateBatch: (fd, keys, values, count) =>
      call('mapUpdateBatch', [fd, hex(keys), hex(values), count], 0),
    mapCreateArray: (...args) => call('mapCreateArray', args, 41),
    mapClose: (...args) => call('mapClose', args, 0),
    takeLog: () => said.shift() ?? '',
  };
  return { bpf, calls };
}
