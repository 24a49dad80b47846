import { readdirSync } from 'node:fs';
import { perform } from './check.js';
import { Guest } from './guest.js';
import { loadAll, OBJECTS } from './load.js';
import { LONG } from './long/index.js';
import { objectChecks } from './objects.js';
import { writeRules } from './rules.js';
import { SHORT } from './short.js';

/** The program of a guest: main.mjs short|long|objects runs checks; main.mjs load is what one of them runs. */
const [task = ''] = process.argv.slice(2);

const objects = () => objectChecks(readdirSync(OBJECTS));

/** Checks by task, in groups: the visits of a group wait until all of it has started. */
const GROUPS = {
  short: () => [SHORT, objects()],
  objects: () => [objects()],
  long: () => [SHORT, objects(), ...LONG.map((check) => [check])],
};

if (task === 'load') {
  console.log(JSON.stringify(loadAll()));
} else {
  writeRules();
  const guest = new Guest();
  for (const group of GROUPS[task as keyof typeof GROUPS]())
    await Promise.all(group.map((check) => perform(check, guest)));
}
