import { readdirSync } from 'node:fs';
import { type Check, perform } from './check.js';
import { Guest } from './guest.js';
import { adoptBuild } from './installation.js';
import { OBJECTS } from './loads.js';
import { LONG } from './long/index.js';
import { type Form, objectChecks } from './objects.js';
import { writeRules } from './rules.js';
import { SHORT } from './short.js';

/** The program of a guest: main.cjs short|long|objects. */
const [task = ''] = process.argv.slice(2);

const objects = (form: Form) => objectChecks(form, readdirSync(OBJECTS));

/**
 * Checks by task, in groups. All programs of a group start one after another; then all of its visits are made at once.
 * Loads of objects are measured, and so nothing else runs beside them.
 */
const GROUPS: Readonly<Record<string, () => Check[][]>> = {
  short: () => [[...SHORT], ...objects('short')],
  objects: () => objects('objects'),
  long: () => [[...SHORT], ...objects('long'), ...LONG.map((check) => [check])],
};

async function main(): Promise<void> {
  adoptBuild();
  writeRules();
  const guest = new Guest();
  for (const group of GROUPS[task]?.() ?? []) await Promise.all(group.map((check) => perform(check, guest)));
}

void main();
