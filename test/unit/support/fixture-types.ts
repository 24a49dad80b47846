import { readFileSync } from 'node:fs';
import { describeObject, type ObjectSpec } from '../../../src/bpf/object/index.js';
import type { ValueType } from '../../../src/bpf/values/index.js';
import { installed } from '../../support/run.js';

/** The object in whose maps every type occurs: test/fixtures/bpf/types.c. */
export function typesObject(): Uint8Array {
  return readFileSync(installed('fixtures/types.bpf.o'));
}

let contents: ObjectSpec | undefined;

/** The type of a key, a value, or a member of it: `alf_sessions.value.pairs`. */
export function fixtureType(path: string): ValueType {
  contents ??= describeObject(typesObject());
  const [map, part, member] = path.split('.');
  const found = contents.maps.find(({ name }) => name === map);
  const type = part === 'key' ? found?.key : found?.value;
  if (type === undefined) throw new Error(`no map ${map}`);
  if (member === undefined) return type;
  const inner = type.kind === 'struct' ? type.members.find(({ name }) => name === member)?.type : undefined;
  if (inner === undefined) throw new Error(`no member ${member}`);
  return inner;
}

/** A member of `struct session`. */
export function sessionType(member: string): ValueType {
  return fixtureType(`alf_sessions.value.${member}`);
}
