import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describeObject } from '../../../src/bpf/object/index.js';
import type { Program } from '../guest/loads.js';
import type { Entry } from './cpio.js';

/** Lists the socket filters in objects for guests. */
export function listPrograms(objects: readonly Entry[]): Program[] {
  return objects.flatMap((entry) => {
    const { programs } = describeObject(contentOf(entry));
    const [compiler, object] = [basename(dirname(entry.path)), basename(entry.path)];
    return programs
      .filter(({ section }) => section.startsWith('socket'))
      .map(({ name }) => ({ compiler, object, program: name }));
  });
}

function contentOf(entry: Entry): Uint8Array {
  if ('data' in entry) return Buffer.from(entry.data);
  if ('from' in entry) return readFileSync(entry.from);
  return new Uint8Array();
}
